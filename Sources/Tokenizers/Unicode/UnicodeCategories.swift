/// Letters, numbers and marks as the pre-tokenizers of the reference see them.
final class UnicodeCategories: Sendable {
    static let shared = UnicodeCategories()

    struct Categories: OptionSet, Sendable {
        let rawValue: UInt8
        static let letter = Categories(rawValue: 1)
        static let number = Categories(rawValue: 2)
        /// Numbers, too, by another version of Unicode.
        static let digit = Categories(rawValue: 4)
        static let combiningMark = Categories(rawValue: 8)
        static let blank = Categories(rawValue: 16)
    }

    /// One for each code point.
    private let categories: [Categories]

    private init() {
        var categories = [Categories](repeating: [], count: 0x110000)
        for (name, set) in UnicodeClasses.classes(in: UnicodeData.generalCategories) {
            let category: Categories = name.hasPrefix("L") ? .letter : name.hasPrefix("N") ? [.number, .digit] : []
            if category.isEmpty { continue }
            for range in set.ranges { for code in range { categories[Int(code)] = category } }
        }
        let tables: [(Categories, String)] = [
            (.digit, UnicodeData.digitChanges),
            (.combiningMark, UnicodeData.combiningMarks), (.blank, UnicodeData.blanks),
        ]
        for (category, text) in tables {
            HexadecimalScanner.forEachCode(in: text) { categories[Int($0)].formSymmetricDifference(category) }
        }
        self.categories = categories
    }

    @inline(__always)
    func of(_ code: UInt32) -> Categories { categories[Int(code)] }
}
