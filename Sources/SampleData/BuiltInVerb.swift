import Requirements

/// A transitive verb of the word lists, written `past/gerund` or, where the two differ,
/// `past/participle/gerund`.
struct BuiltInVerb: Sendable {
    let past: String
    let participle: String
    let gerund: String

    init(_ entry: String) {
        let forms = entry.split(separator: "/").map(String.init)
        require(
            forms.count == 2 || forms.count == 3,
            "verb '\(entry)' needs past/gerund or past/participle/gerund")
        past = forms[0]
        participle = forms[forms.count - 2]
        gerund = forms[forms.count - 1]
    }
}
