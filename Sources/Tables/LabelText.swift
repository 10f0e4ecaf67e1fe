/// Labels as files spell them: numbers, lists of numbers, lists of such lists.
enum LabelText {
    enum Label: Equatable {
        case number(Double, isInteger: Bool)
        /// The numbers one after another; the shape is `[K]` or `[C, K]`.
        case list([Double], shape: [Int], areIntegers: Bool)

        /// Of the label: `[]` for a number.
        var shape: [Int] {
            switch self {
            case .number: []
            case .list(_, let shape, _): shape
            }
        }
    }

    /// The label that a whole field spells: a number, or a JSON list.
    ///
    /// - Throws: `Problem`.
    static func label(in text: String) throws -> Label {
        guard text.utf8.first == UInt8(ascii: "[") else {
            let (value, isInteger) = try number(in: text)
            return .number(value, isInteger: isInteger)
        }
        let bytes = Array(text.utf8)
        var position = 0
        let label = try JSONText.list(in: bytes, at: &position, end: bytes.count)
        guard position == bytes.count else {
            throw Problem("after a label's list there must be nothing, found " + UTF8Text.character(at: position, in: bytes))
        }
        return label
    }

    /// The number that `text` spells in decimal digits, and whether it is spelled as an integer.
    ///
    /// - Throws: `Problem`.
    static func number(in text: String) throws -> (value: Double, isInteger: Bool) {
        // `Double` also reads hexadecimal numbers, "nan" and "inf", which no label column should hold.
        let isDecimal = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        guard isDecimal, let value = Double(text) else {
            let found = UTF8Text.excerpt(text)
            if Double(text) != nil || ["nan", "inf", "infinity"].contains(text.lowercased()) {
                throw Problem("a label must be a finite decimal number, found \(found)")
            }
            throw Problem("a label must be a number, found \(found); give a column of texts another name")
        }
        guard value.isFinite else {
            throw Problem("a label must be finite, but \(UTF8Text.excerpt(text)) is too large a number")
        }
        let isInteger = !text.utf8.contains { ".eE".utf8.contains($0) }
        if isInteger && value.magnitude > Labels.largestExactInteger {
            throw Problem("an integer label must be less than 2^53 in magnitude, found \(text)")
        }
        return (value, isInteger)
    }

    /// How a label is written: what `label(in:)` reads back.
    ///
    /// - Parameter values: The numbers of one row's label.
    static func text(of values: ArraySlice<Double>, shape: [Int], areIntegers: Bool) -> String {
        guard let length = shape.first else {
            return areIntegers ? "\(Int64(values.first!))" : "\(values.first!)"
        }
        let width = values.count / length
        let elements = (0..<length).map { index in
            let start = values.startIndex + index * width
            return text(of: values[start..<start + width], shape: Array(shape.dropFirst()), areIntegers: areIntegers)
        }
        return "[" + elements.joined(separator: ", ") + "]"
    }

    /// What is wrong with a label's text.
    struct Problem: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}
