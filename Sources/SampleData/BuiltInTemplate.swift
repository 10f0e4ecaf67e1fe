/// A syntactic pattern of a sentence: active, passive, cleft, progressive, with the place in front or behind.
struct BuiltInTemplate: Sendable {
    /// What a sentence fills in: `{agent}`, and so on.
    enum Blank: String, Sendable {
        case agent, object, past, participle, gerund, agentWas, objectWas, who, place, closing
    }

    enum Piece: Sendable {
        case word(String)
        case blank(Blank)
    }

    let text: String
    let pieces: [Piece]
    let opensWithPlace: Bool

    /// Reads a pattern such as `{agent} {past} {object} {place} {closing}`.
    private init(_ text: String) {
        self.text = text
        opensWithPlace = text.hasPrefix("{place}")
        pieces = text.split(separator: " ").map { word in
            guard word.first == "{", let blank = Blank(rawValue: String(word.dropFirst().dropLast())) else {
                return .word(String(word))
            }
            return .blank(blank)
        }
    }

    static let all: [BuiltInTemplate] = [
        "{agent} {past} {object} {place} {closing}",
        "{place} {agent} {past} {object} {closing}",
        "{object} {objectWas} {participle} by {agent} {place} {closing}",
        "{object} {objectWas} {participle} {place} by {agent} {closing}",
        "{place} {object} {objectWas} {participle} by {agent} {closing}",
        "it was {agent} {who} {past} {object} {place} {closing}",
        "it was {object} that {agent} {past} {place} {closing}",
        "it was {place} that {agent} {past} {object} {closing}",
        "what {agent} {past} {place} {closing} {objectWas} {object}",
        "{agent} {agentWas} {gerund} {object} {place} {closing}",
        "{agent} could be seen {gerund} {object} {place} {closing}",
        "everyone saw {agent} {gerund} {object} {place} {closing}",
        "somebody noticed {agent} {gerund} {object} {place} {closing}",
        "{object} ended up being {participle} by {agent} {place} {closing}",
    ].map(BuiltInTemplate.init(_:))
}
