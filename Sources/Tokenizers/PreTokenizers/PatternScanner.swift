/// A regular expression whose matches cover every text, as a scanner.
protocol PatternScanner: Sendable {
    /// Where the match that begins with the range ends.
    ///
    /// - Precondition: The range is not empty.
    func endOfMatch(in text: [UInt8], _ range: Range<Int>) -> Int
}

extension PatternScanner {
    @inline(__always)
    func forEachMatch(in text: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = endOfMatch(in: text, start..<range.upperBound)
            body(start..<end)
            start = end
        }
    }
}
