/// Numbers as label columns spell them.
enum LabelText {
    /// The number that `text` spells in decimal digits, and whether it is spelled as an integer.
    ///
    /// - Returns: Or what is wrong with the text.
    static func number(in text: String) -> Result<(value: Double, isInteger: Bool), Problem> {
        // `Double` also reads hexadecimal numbers, "nan" and "inf", which no label column should hold.
        let isDecimal = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        guard isDecimal, let value = Double(text) else {
            let found = UTF8Text.excerpt(text)
            if Double(text) != nil || ["nan", "inf", "infinity"].contains(text.lowercased()) {
                return .failure(Problem("a label must be a finite decimal number, found \(found)"))
            }
            return .failure(
                Problem("a label must be a number, found \(found); give a column of texts another name"))
        }
        guard value.isFinite else {
            return .failure(Problem("a label must be finite, but \(UTF8Text.excerpt(text)) is too large a number"))
        }
        let isInteger = !text.utf8.contains { ".eE".utf8.contains($0) }
        if isInteger && value.magnitude > Labels.largestExactInteger {
            return .failure(Problem("an integer label must be less than 2^53 in magnitude, found \(text)"))
        }
        return .success((value, isInteger))
    }

    struct Problem: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}
