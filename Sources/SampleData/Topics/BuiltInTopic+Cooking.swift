extension BuiltInTopic {
    static let cooking = BuiltInTopic(
        name: "cooking",
        agents: [
            ["chef", "head cook"],
            ["!my grandmother", "!my grandma"],
            ["apprentice", "trainee"],
            ["+waiters", "+servers"],
            ["+guests", "+visitors"],
        ],
        actions: [
            ["tasted/tasting", "sampled/sampling"],
            ["cooked/cooking", "prepared/preparing"],
            ["burned/burning", "scorched/scorching"],
            ["praised/praising", "applauded/applauding"],
            ["gave away/given away/giving away", "handed out/handing out"],
        ],
        objects: [
            ["soup", "broth"],
            ["stew", "casserole", "hotpot"],
            ["=pasta", "+noodles"],
            ["+pancakes", "+flapjacks", "+griddle cakes"],
            ["+fries", "+fried potatoes", "+potato sticks"],
        ],
        places: [
            ["in the kitchen", "at the stove"],
            ["at the wedding", "at the marriage feast"],
            ["at the campsite", "beside the tents"],
            ["at the market", "among the stalls"],
        ])
}
