extension Dataset {
    /// What quotation marks are in delimited text.
    public enum Quoting: String, CaseIterable, Sendable {
        /// Those of RFC 4180, but for files with tabs in which every line has the right number of fields as it is and some
        /// quotation mark encloses no field: there they are characters.
        case automatic
        /// They enclose fields, as of RFC 4180.
        case standard
        /// They are characters like others, and every line is a row.
        case none
    }

    /// Whether quotation marks are characters in a text, by the rule of `Quoting.automatic`.
    static func quotesAreCharacters(in text: TextSource, delimiter: UInt8) throws -> Bool {
        guard delimiter == UInt8(ascii: "\t") else { return false }
        var window = try TextWindow(text)
        while window.bytes.firstIndex(of: UTF8Text.quote, from: 0) == nil {
            if window.isLast { return false }
            try window.advance(by: window.bytes.count)
        }
        var lines = try LineReader(text), fieldCount: Int?, someEncloseNothing = false
        while let range = try lines.next() {
            let line = lines.bytes[lines.withoutReturn(range)]
            let fields = line.split(separator: delimiter, omittingEmptySubsequences: false)
            guard fields.count == fieldCount ?? fields.count else { return false }
            fieldCount = fields.count
            someEncloseNothing = someEncloseNothing || !fields.allSatisfy(isEnclosed)
        }
        return someEncloseNothing
    }

    /// Whether a field has no quotation mark, or is enclosed in two with any others doubled.
    private static func isEnclosed(_ field: ArraySlice<UInt8>) -> Bool {
        guard field.contains(UTF8Text.quote) else { return true }
        guard field.count >= 2, field.first == UTF8Text.quote, field.last == UTF8Text.quote else { return false }
        var inside = field.dropFirst().dropLast()[...]
        while let place = inside.firstIndex(of: UTF8Text.quote) {
            guard place + 1 < inside.endIndex, inside[place + 1] == UTF8Text.quote else { return false }
            inside = inside[(place + 2)...]
        }
        return true
    }
}
