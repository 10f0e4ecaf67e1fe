/// All of a sentence that says nothing about its meaning: the template, the determiners, a remark before or
/// after.
///
/// Two sentences of one style look alike whatever they are about; that is what makes counting common words
/// mislead.
struct BuiltInStyle: Sendable {
    /// Into `BuiltInTemplate.all`.
    var templateIndex: Int
    var opening: String
    var closing: String
    var agentDeterminer: BuiltInNoun.Determiner
    var objectDeterminer: BuiltInNoun.Determiner

    static func random(otherThan index: Int? = nil, using random: inout BuiltInRandom) -> BuiltInStyle {
        let templates = BuiltInTemplate.all
        let drawn =
            index.map { random.index(below: templates.count, otherThan: $0) }
            ?? random.index(below: templates.count)
        var opening = "", closing = ""
        switch random.index(below: 4) {
        case 0 where !templates[drawn].opensWithPlace: opening = random.element(of: remarks)
        case 1: opening = random.element(of: reports)
        case 2: closing = random.element(of: closings)
        default: break
        }
        let name = random.element(of: names)
        if opening.utf8.contains(UInt8(ascii: "{")) {
            opening = opening.split(separator: nameMarker, omittingEmptySubsequences: false)
                .joined(separator: name)
        }
        return BuiltInStyle(
            templateIndex: drawn, opening: opening, closing: closing,
            agentDeterminer: random.chance(0.7) ? .definite : .indefinite,
            objectDeterminer: random.element(of: BuiltInNoun.Determiner.allCases))
    }

    /// Stands for one of `names` in a remark or report.
    static let nameMarker = "{name}"
    static let names = ["Maria", "Tom", "Aisha", "Kenji", "Olga", "Pedro", "Fatima", "Lars"]

    /// Vague on purpose: any two of them can be true of the same event, so that none changes the meaning.
    static let remarks = [
        "recently,", "the other day,", "not long ago,", "a while ago,", "as expected,", "once again,",
        "by all accounts,", "according to {name},", "as {name} remembers,", "if {name} is right,",
    ]
    static let reports = [
        "{name} says that", "{name} told us that", "we heard that", "everyone knows that",
        "the newspaper reported that", "{name} wrote to us that",
    ]
    static let closings = [
        "recently", "the other day", "not long ago", "a while ago", "once again", "as usual", "as expected",
        "after all",
    ]
}
