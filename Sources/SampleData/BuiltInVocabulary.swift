/// Collects the words of the word lists, templates and remarks.
enum BuiltInVocabulary {
    static var words: [String] {
        var phrases: [String] = BuiltInTopic.all.flatMap(phrases)
        for template in BuiltInTemplate.all {
            for case .word(let word) in template.pieces { phrases.append(word) }
        }
        phrases += BuiltInStyle.remarks + BuiltInStyle.reports + BuiltInStyle.closings
        phrases += BuiltInStyle.names + ["was", "were"]
        let words = phrases.flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "," }) }
            .map { $0.lowercased() }
        return Set(words).subtracting([BuiltInStyle.nameMarker]).sorted()
    }

    private static func phrases(_ topic: BuiltInTopic) -> [String] {
        let nouns = topic.agents.joined() + Array(topic.objects.joined())
        let verbs = topic.actions.joined()
        return nouns.flatMap { noun in BuiltInNoun.Determiner.allCases.map(noun.phrase) }
            + verbs.flatMap { [$0.past, $0.participle, $0.gerund] }
            + topic.places.joined()
            + [topic.relativePronoun]
    }
}
