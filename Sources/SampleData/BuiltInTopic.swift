/// A topic's concepts, each with two or three ways to say it. Any agent, action, object and place of one
/// topic combine into a sensible sentence; no wording serves two concepts of the same slot.
///
/// The word lists are plain strings; `BuiltInNoun` and `BuiltInVerb` say how they are read.
struct BuiltInTopic: Sendable {
    let name: String
    /// "who" for people, "that" for animals: the word after "It was the … ".
    let relativePronoun: String
    let agents: [[BuiltInNoun]]
    let actions: [[BuiltInVerb]]
    let objects: [[BuiltInNoun]]
    let places: [[String]]
    /// Of each slot's concepts.
    private let wordingCounts: [[Int]]

    init(
        name: String, relativePronoun: String = "who",
        agents: [[String]], actions: [[String]], objects: [[String]], places: [[String]]
    ) {
        self.name = name
        self.relativePronoun = relativePronoun
        self.agents = agents.map { $0.map(BuiltInNoun.init(_:)) }
        self.actions = actions.map { $0.map(BuiltInVerb.init(_:)) }
        self.objects = objects.map { $0.map(BuiltInNoun.init(_:)) }
        self.places = places
        wordingCounts = [agents, actions, objects, places].map { $0.map(\.count) }
    }

    /// How many concepts a slot has to choose from.
    func conceptCount(_ slot: BuiltInSlot) -> Int { wordingCounts[slot.rawValue].count }

    /// How many wordings a concept has.
    func wordingCount(_ slot: BuiltInSlot, concept: Int) -> Int { wordingCounts[slot.rawValue][concept] }

    static let all: [BuiltInTopic] = [
        cooking, weather, music, football, gardening, astronomy, medicine,
        travel, finance, computing, animals, schooling, construction, art,
    ]
}
