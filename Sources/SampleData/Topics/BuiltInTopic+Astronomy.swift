extension BuiltInTopic {
    static let astronomy = BuiltInTopic(
        name: "astronomy",
        agents: [
            ["astronomer", "sky researcher"],
            ["professor", "lecturer"],
            ["+undergraduates", "+college students"],
            ["+astronauts", "+space travelers"],
            ["night watchman", "night guard"],
        ],
        actions: [
            ["spotted/spotting", "detected/detecting"],
            ["photographed/photographing", "snapped/snapping"],
            ["sketched/sketching", "drew/drawn/drawing"],
            ["described/describing", "wrote about/written about/writing about"],
            ["lost sight of/losing sight of", "lost track of/losing track of"],
        ],
        objects: [
            ["comet", "tailed star"],
            ["!Saturn", "!the ringed planet"],
            ["lunar eclipse", "darkening of the moon"],
            ["galaxy", "spiral of stars"],
            ["meteor", "falling star", "shooting star"],
        ],
        places: [
            ["at the observatory", "under the big dome"],
            ["in the desert", "among the dunes"],
            ["on the space station", "in orbit"],
            ["on the hilltop", "at the summit"],
        ])
}
