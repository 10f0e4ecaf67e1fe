/// A meaning put into words: a frame, one wording per slot, and a style.
struct BuiltInSentence: Sendable {
    var frame: BuiltInFrame
    /// Which of a concept's wordings is used, indexed by `BuiltInSlot.rawValue`.
    var wordings: [Int]
    var style: BuiltInStyle

    /// A sentence has at most this many words; a remark that would make it longer is left out.
    static let maximumWords = 18

    static func random(_ frame: BuiltInFrame, using random: inout BuiltInRandom) -> BuiltInSentence {
        let topic = BuiltInTopic.all[frame.topic]
        let wordings = BuiltInSlot.allCases.map {
            random.index(below: topic.wordingCount($0, concept: frame[$0]))
        }
        return BuiltInSentence(frame: frame, wordings: wordings, style: .random(using: &random))
    }

    var text: String {
        let full = body(opening: style.opening, closing: style.closing)
        let fits = full.utf8.count(where: { $0 == UInt8(ascii: " ") }) < Self.maximumWords
        let body = fits ? full : body(opening: "", closing: "")
        return body.prefix(1).uppercased() + body.dropFirst() + "."
    }

    /// The words, one space between any two.
    private func body(opening: String, closing: String) -> String {
        let topic = BuiltInTopic.all[frame.topic]
        let template = BuiltInTemplate.all[style.templateIndex]
        let agent = topic.agents[frame[.agent]][wordings[0]]
        let action = topic.actions[frame[.action]][wordings[1]]
        let object = topic.objects[frame[.object]][wordings[2]]
        let place = topic.places[frame[.place]][wordings[3]]
        var result = opening
        for piece in template.pieces {
            let part =
                switch piece {
                case .word(let word): word
                case .blank(.agent): agent.phrase(style.agentDeterminer)
                case .blank(.object): object.phrase(style.objectDeterminer)
                case .blank(.past): action.past
                case .blank(.participle): action.participle
                case .blank(.gerund): action.gerund
                case .blank(.agentWas): agent.copula
                case .blank(.objectWas): object.copula
                case .blank(.who): topic.relativePronoun
                case .blank(.place): template.opensWithPlace ? place + "," : place
                case .blank(.closing): closing
                }
            if part.isEmpty { continue }
            if !result.isEmpty { result += " " }
            result += part
        }
        return result
    }
}
