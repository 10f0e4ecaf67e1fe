extension BuiltInTopic {
    static let weather = BuiltInTopic(
        name: "weather",
        agents: [
            ["forecaster", "meteorologist"],
            ["+sailors", "+seamen"],
            ["lighthouse keeper", "keeper of the beacon"],
            ["+hikers", "+ramblers"],
            ["pilot", "aviator"],
        ],
        actions: [
            ["predicted/predicting", "foretold/foretelling"],
            ["watched/watching", "observed/observing"],
            ["feared/fearing", "dreaded/dreading"],
            ["filmed/filming", "videotaped/videotaping"],
            ["underestimated/underestimating", "misjudged/misjudging"],
        ],
        objects: [
            ["storm", "tempest", "gale"],
            ["downpour", "cloudburst", "=heavy rain"],
            ["=fog", "=mist"],
            ["heat wave", "hot spell", "=scorching heat"],
            ["snowfall", "blizzard", "snowstorm"],
        ],
        places: [
            ["on the coast", "along the shore"],
            ["in the mountains", "among the peaks"],
            ["at the airport", "at the airfield"],
            ["in the valley", "between the slopes"],
        ])
}
