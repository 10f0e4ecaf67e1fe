/// What a cell is expected to print.
struct OutputText {
    let text: String

    init(_ text: String) { self.text = text }

    /// - Parameter tolerance: How far numbers may be apart, relative to the expected figure and one; all else is
    ///   compared literally. Nil: numbers are, too.
    func matches(_ found: String, tolerance: Double?) -> Bool {
        guard let tolerance else { return text == found }
        let (expected, found) = (Self.pieces(text), Self.pieces(found))
        return expected.count == found.count
            && zip(expected, found).allSatisfy { expected, found in
                guard let a = Double(expected), let b = Double(found), a.isFinite, b.isFinite else { return expected == found }
                return abs(a - b) <= tolerance * max(1, abs(a))
            }
    }

    /// Numbers, and the text between them.
    private static func pieces(_ text: String) -> [Substring] {
        var pieces: [Substring] = []
        var rest = text.startIndex
        for match in text.matches(of: /[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/) {
            pieces += [text[rest..<match.startIndex], match.output]
            rest = match.endIndex
        }
        return pieces + [text[rest...]]
    }
}
