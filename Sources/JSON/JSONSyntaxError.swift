/// Where a text stops being JSON, and why.
public struct JSONSyntaxError: Error, CustomStringConvertible, Sendable, Equatable {
    /// What is wrong.
    public let problem: String
    /// The byte, from 0.
    public let offset: Int
    /// Line and column, both from 1; the column counts bytes.
    public let line: Int
    /// Column in the line, counted from 1.
    public let column: Int

    /// - Parameter firstLine: The number of the line that `range`, the text that was read, begins in.
    init(_ problem: String, in bytes: [UInt8], _ range: Range<Int>, line firstLine: Int, at offset: Int) {
        self.problem = problem
        self.offset = offset
        var line = firstLine
        var lineStart = range.lowerBound
        for position in range.lowerBound..<min(offset, range.upperBound) where bytes[position] == UInt8(ascii: "\n") {
            line += 1
            lineStart = position + 1
        }
        self.line = line
        column = offset - lineStart + 1
    }

    public var description: String { "\(problem) (line \(line), column \(column), byte \(offset))" }
}
