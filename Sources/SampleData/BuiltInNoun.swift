/// A noun phrase of the word lists and how it takes its determiner.
///
/// In the lists `chef` is a countable singular, `+waiters` a plural, `=pasta` a mass noun; `!my grandmother`
/// has its determiner already.
struct BuiltInNoun: Sendable {
    enum Kind: Sendable { case singular, plural, mass, complete }
    enum Determiner: CaseIterable, Sendable { case definite, indefinite, demonstrative }

    let text: String
    let kind: Kind

    init(_ entry: String) {
        switch entry.first {
        case "+": (kind, text) = (.plural, String(entry.dropFirst()))
        case "=": (kind, text) = (.mass, String(entry.dropFirst()))
        case "!": (kind, text) = (.complete, String(entry.dropFirst()))
        default: (kind, text) = (.singular, entry)
        }
    }

    /// "was" or "were".
    var copula: String {
        kind == .plural ? "were" : "was"
    }

    func phrase(_ determiner: Determiner) -> String {
        switch (kind, determiner) {
        case (.complete, _): text
        case (_, .definite): "the " + text
        case (.singular, .indefinite): (text.first.map("aeiou".contains) == true ? "an " : "a ") + text
        case (_, .indefinite): "some " + text
        case (.plural, .demonstrative): "these " + text
        case (_, .demonstrative): "this " + text
        }
    }
}
