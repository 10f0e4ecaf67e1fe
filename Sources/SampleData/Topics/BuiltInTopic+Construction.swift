extension BuiltInTopic {
    static let construction = BuiltInTopic(
        name: "construction",
        agents: [
            ["bricklayer", "mason"],
            ["carpenter", "joiner"],
            ["architect", "building designer"],
            ["foreman", "site manager"],
            ["+plumbers", "+pipe fitters"],
        ],
        actions: [
            ["built/building", "constructed/constructing"],
            ["measured/measuring", "sized up/sizing up"],
            ["inspected/inspecting", "examined/examining"],
            ["demolished/demolishing", "tore down/torn down/tearing down"],
            ["repaired/repairing", "restored/restoring"],
        ],
        objects: [
            ["wall", "brick partition"],
            ["staircase", "+steps"],
            ["bridge", "river crossing"],
            ["balcony", "upper gallery"],
            ["garage", "car shed"],
        ],
        places: [
            ["downtown", "in the city center"],
            ["on the farm", "at the country estate"],
            ["at the factory", "on the plant grounds"],
            ["at the harbor", "on the docks"],
        ])
}
