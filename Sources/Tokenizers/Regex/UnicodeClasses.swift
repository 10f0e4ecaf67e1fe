/// The classes of characters that regular expressions name, as the engine of the reference has them.
final class UnicodeClasses: Sendable {
    static let shared = UnicodeClasses()

    /// By the name in small letters without blanks, dashes and underscores.
    private let classes: [String: ScalarSet]
    /// Characters that differ in case alone, each group under each of its members.
    private let caseGroups: [UInt32: [UInt32]]

    let blanks: ScalarSet
    let digits: ScalarSet
    /// `\w` in a class of characters, and by itself, which counts some numbers in.
    let words: ScalarSet
    let wordCharacters: ScalarSet

    private init() {
        var classes: [String: ScalarSet] = [:]
        func add(_ text: String) -> [(name: String, set: ScalarSet)] {
            let found = Self.classes(in: text)
            for (name, set) in found { classes[Self.key(name)] = set }
            return found
        }
        let categories = add(UnicodeData.generalCategories)
        for letter in Set(categories.map { $0.name.prefix(1) }) {
            let parts = categories.filter { $0.name.hasPrefix(letter) }
            classes[Self.key(String(letter))] = parts.reduce(ScalarSet()) { $0.union($1.set) }
        }
        let assigned = categories.reduce(ScalarSet()) { $0.union($1.set) }
        let surrogates = ScalarSet(0xD800...0xDFFF)
        classes["cn"] = assigned.union(surrogates).inverted
        classes["cs"] = surrogates
        classes["c"] = classes["c"]?.union(assigned.inverted)
        classes["lc"] = ["lu", "ll", "lt"].compactMap { classes[$0] }.reduce(ScalarSet()) { $0.union($1) }
        for (name, long) in Self.longNames { classes[Self.key(long)] = classes[Self.key(name)] }
        _ = add(UnicodeData.scripts)

        var blanks: [ClosedRange<UInt32>] = []
        HexadecimalScanner.forEachCode(in: UnicodeData.blanks) { blanks.append($0...$0) }
        self.blanks = ScalarSet(blanks)
        digits = classes["nd"] ?? ScalarSet()
        func union(_ names: String...) -> ScalarSet { names.compactMap { classes[$0] }.reduce(ScalarSet()) { $0.union($1) } }
        var changed: [String: ScalarSet] = [:]
        for (name, set) in Self.classes(in: UnicodeData.bracketClasses) {
            let base = union(name == "alpha" ? "l" : name == "lower" ? "ll" : "lu")
            changed[name] = base.union(set).intersection(base.intersection(set).inverted)
        }
        classes.merge(changed) { $1 }
        let graphic = union("cc", "cn").union(surrogates).union(self.blanks).inverted
        let posix: [(String, ScalarSet)] = [
            ("digit", digits), ("space", self.blanks), ("alnum", union("alpha", "nd")), ("word", union("alpha", "m", "nd", "pc")),
            ("punct", union("p", "s")), ("cntrl", union("cc")), ("graph", graphic), ("print", graphic.union(union("zs"))),
            ("blank", union("zs").union(ScalarSet(9...9))), ("xdigit", ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])),
            ("ascii", ScalarSet(0...0x7F)), ("any", ScalarSet.all), ("assigned", assigned),
        ]
        words = union("alpha", "m", "nd", "pc")
        wordCharacters = words.union(ScalarSet([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]))
        for (name, set) in posix { classes[name] = set }
        self.classes = classes
        caseGroups = Self.caseGroups()
    }

    /// The classes of a table of `UnicodeData`: `Name: ranges`, again and again.
    static func classes(in text: String) -> [(name: String, set: ScalarSet)] {
        var found: [(name: String, ranges: [ClosedRange<UInt32>])] = []
        for word in text.utf8.split(separator: UInt8(ascii: " ")) {
            if word.last == UInt8(ascii: ":") {
                found.append((String(word.dropLast())!, []))
            } else {
                let ends = word.split(separator: UInt8(ascii: "-")).compactMap { UInt32(String($0)!, radix: 16) }
                found[found.count - 1].ranges.append(ends[0]...ends[ends.count - 1])
            }
        }
        return found.map { ($0.name, ScalarSet($0.ranges)) }
    }

    private static let longNames = [
        ("L", "Letter"), ("Lu", "Uppercase_Letter"), ("Ll", "Lowercase_Letter"), ("Lt", "Titlecase_Letter"), ("Lm", "Modifier_Letter"),
        ("Lo", "Other_Letter"), ("LC", "Cased_Letter"), ("M", "Mark"), ("Mn", "Nonspacing_Mark"), ("Mc", "Spacing_Mark"),
        ("Me", "Enclosing_Mark"), ("N", "Number"), ("Nd", "Decimal_Number"), ("Nl", "Letter_Number"), ("No", "Other_Number"),
        ("P", "Punctuation"), ("Pc", "Connector_Punctuation"), ("Pd", "Dash_Punctuation"), ("Ps", "Open_Punctuation"),
        ("Pe", "Close_Punctuation"), ("Pi", "Initial_Punctuation"), ("Pf", "Final_Punctuation"), ("Po", "Other_Punctuation"),
        ("S", "Symbol"), ("Sm", "Math_Symbol"), ("Sc", "Currency_Symbol"), ("Sk", "Modifier_Symbol"), ("So", "Other_Symbol"),
        ("Z", "Separator"), ("Zs", "Space_Separator"), ("Zl", "Line_Separator"), ("Zp", "Paragraph_Separator"), ("C", "Other"),
        ("Cc", "Control"), ("Cf", "Format"), ("Cn", "Unassigned"), ("Co", "Private_Use"), ("Cs", "Surrogate"),
    ]

    private static func key(_ name: String) -> String {
        String(name.unicodeScalars.filter { $0 != "_" && $0 != "-" && $0 != " " }).lowercased()
    }

    /// The class of a name such as `L`, `Lu`, `Letter`, `Han` or `alpha`.
    func named(_ name: String) -> ScalarSet? { classes[Self.key(name)] }

    /// Characters that fold to one without being its capital.
    private static let otherForms: [(form: UInt32, letter: UInt32)] = [
        (0x17F, 0x73), (0x3C2, 0x3C3), (0xB5, 0x3BC), (0x3D0, 0x3B2), (0x3D1, 0x3B8), (0x3D5, 0x3C6), (0x3D6, 0x3C0), (0x3F0, 0x3BA),
        (0x3F1, 0x3C1), (0x3F5, 0x3B5), (0x1E9B, 0x1E61), (0x345, 0x3B9), (0x1FBE, 0x3B9), (0x1C5, 0x1C6), (0x1C8, 0x1C9),
        (0x1CB, 0x1CC), (0x1F2, 0x1F3),
    ]

    private static func caseGroups() -> [UInt32: [UInt32]] {
        let lowercase = ScalarMapping(UnicodeData.lowercase)
        var groups: [UInt32: [UInt32]] = [:]
        func add(_ code: UInt32, to letter: UInt32) {
            groups[letter, default: [letter]].append(code)
        }
        for code in lowercase.keys {
            var letters: [UInt32] = []
            lowercase.forEach(of: code) { letters.append($0) }
            if letters.count == 1 { add(code, to: letters[0]) }
        }
        for (form, letter) in otherForms where groups[letter]?.contains(form) != true { add(form, to: letter) }
        for group in groups.values { for code in group { groups[code] = group } }
        return groups
    }

    /// The set with all that differs from its members in case alone.
    func caseInsensitive(_ set: ScalarSet) -> ScalarSet {
        var added: [ClosedRange<UInt32>] = []
        for (code, group) in caseGroups where set.contains(code) { added += group.map { $0...$0 } }
        return added.isEmpty ? set : ScalarSet(set.ranges + added)
    }
}
