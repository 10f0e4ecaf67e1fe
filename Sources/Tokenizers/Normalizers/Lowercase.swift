/// Every character in its lower case, whatever stands beside it.
struct Lowercase: Normalizer {
    private let tables = UnicodeTables.shared

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout [UInt8]) {
        var position = range.lowerBound
        while position < range.upperBound {
            let code = text.scalar(at: &position)
            if tables.properties(of: code) & UnicodeTables.hasLowercase != 0 {
                tables.forEachLowercase(of: code) { output.appendUTF8(of: $0) }
            } else {
                output.appendUTF8(of: code)
            }
        }
    }
}
