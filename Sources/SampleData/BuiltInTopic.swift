/// A topic's concepts, each with two or three ways to say it. Any agent, action, object and place of one
/// topic combine into a sensible sentence; no wording serves two concepts of the same slot.
///
/// The word lists are plain strings; ``BuiltInNoun`` and ``BuiltInVerb`` say how they are read.
struct BuiltInTopic: Sendable {
    let name: String
    /// "who" for people, "that" for animals: the word after "It was the … ".
    let relativePronoun: String
    let agents: [[BuiltInNoun]]
    let actions: [[BuiltInVerb]]
    let objects: [[BuiltInNoun]]
    let places: [[String]]

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
    }

    /// How many concepts a slot has to choose from.
    func conceptCount(_ slot: BuiltInSlot) -> Int {
        switch slot {
        case .agent: agents.count
        case .action: actions.count
        case .object: objects.count
        case .place: places.count
        }
    }

    /// How many wordings a concept has.
    func wordingCount(_ slot: BuiltInSlot, concept: Int) -> Int {
        switch slot {
        case .agent: agents[concept].count
        case .action: actions[concept].count
        case .object: objects[concept].count
        case .place: places[concept].count
        }
    }

    static let all: [BuiltInTopic] = [
        cooking, weather, music, football, gardening, astronomy, medicine,
        travel, finance, computing, animals, schooling, construction, art,
    ]
}
