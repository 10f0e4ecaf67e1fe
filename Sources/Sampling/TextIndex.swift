import Tables

/// Numbers texts from 0 in the order of their first appearance; texts with the same bytes share a number.
struct TextIndex {
    private var numbers: [Key: Int32] = [:]

    var count: Int { numbers.count }

    mutating func number(of text: String) -> Int32 {
        let key = Key(text: text)
        if let number = numbers[key] { return number }
        let number = Int32(numbers.count)
        numbers[key] = number
        return number
    }

    /// A text compared byte by byte: `String` itself takes canonically equivalent texts for equal, Python
    /// does not.
    private struct Key: Hashable {
        let text: String

        static func == (left: Key, right: Key) -> Bool {
            left.text.utf8.elementsEqual(right.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            // FNV-1a folds the bytes first: feeding them to the hasher one at a time takes several times
            // longer.
            var folded: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in text.utf8 { folded = (folded ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hasher.combine(folded)
        }
    }
}
