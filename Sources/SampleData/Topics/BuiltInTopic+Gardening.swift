extension BuiltInTopic {
    static let gardening = BuiltInTopic(
        name: "gardening",
        agents: [
            ["gardener", "landscaper"],
            ["+children", "+kids"],
            ["pensioner", "retired man"],
            ["florist", "flower seller"],
            ["+monks", "+friars"],
        ],
        actions: [
            ["watered/watering", "sprinkled/sprinkling"],
            ["pruned/pruning", "trimmed/trimming"],
            ["replanted/replanting", "transplanted/transplanting"],
            ["dug up/digging up", "uprooted/uprooting"],
            ["neglected/neglecting", "forgot about/forgotten about/forgetting about"],
        ],
        objects: [
            ["+roses", "+rose bushes"],
            ["+tomatoes", "+tomato plants"],
            ["hedge", "row of shrubs"],
            ["apple tree", "fruit tree"],
            ["herb bed", "patch of herbs", "spice garden"],
        ],
        places: [
            ["behind the house", "in the backyard"],
            ["in the greenhouse", "in the hothouse"],
            ["at the castle", "on the palace grounds"],
            ["on the terrace", "on the sunny patio"],
        ])
}
