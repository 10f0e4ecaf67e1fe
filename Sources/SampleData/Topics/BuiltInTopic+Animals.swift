extension BuiltInTopic {
    static let animals = BuiltInTopic(
        name: "animals",
        relativePronoun: "that",
        agents: [
            ["dog", "hound"],
            ["cat", "tomcat"],
            ["fox", "vixen"],
            ["eagle", "big bird of prey"],
            ["+wolves", "pack of wolves"],
        ],
        actions: [
            ["chased/chasing", "pursued/pursuing"],
            ["attacked/attacking", "assailed/assailing"],
            ["ignored/ignoring", "disregarded/disregarding"],
            ["watched/watching", "eyed/eyeing"],
            ["frightened/frightening", "scared/scaring"],
        ],
        objects: [
            ["+sheep", "flock of ewes"],
            ["mouse", "tiny rodent"],
            ["+ducks", "+waterfowl"],
            ["rabbit", "bunny"],
            ["+hens", "+chickens"],
        ],
        places: [
            ["in the barn", "in the stable"],
            ["in the forest", "in the woods"],
            ["by the river", "on the bank of the stream"],
            ["in the meadow", "on the pasture"],
        ])
}
