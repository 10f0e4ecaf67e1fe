extension BuiltInTopic {
    static let travel = BuiltInTopic(
        name: "travel",
        agents: [
            ["tourist", "sightseer"],
            ["+newlyweds", "+honeymooners"],
            ["tour guide", "group leader"],
            ["journalist", "newspaper writer"],
            ["+cyclists", "+bike riders"],
        ],
        actions: [
            ["visited/visiting", "toured/touring"],
            ["photographed/photographing", "snapped/snapping"],
            ["recommended/recommending", "spoke well of/spoken well of/speaking well of"],
            ["reached/reaching", "arrived at/arriving at"],
            ["looked for/looking for", "searched for/searching for"],
        ],
        objects: [
            ["castle", "fortress", "citadel"],
            ["waterfall", "cascade"],
            ["+ruins", "+ancient remains"],
            ["cathedral", "great church"],
            ["night market", "bazaar"],
        ],
        places: [
            ["in the south of Spain", "in Andalusia"],
            ["in Japan", "on the Japanese islands"],
            ["in Egypt", "along the Nile"],
            ["in Peru", "high in the Andes"],
        ])
}
