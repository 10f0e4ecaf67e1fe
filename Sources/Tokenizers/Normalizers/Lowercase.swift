/// Every character in its lower case, whatever stands beside it.
struct Lowercase: Normalizer {
    private let tables = UnicodeTables.shared

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            let code = text.scalar(at: &position)
            tables.appendLowercase(of: code, tables.properties(of: code), to: &output.bytes)
            output.trace(start)
        }
    }
}
