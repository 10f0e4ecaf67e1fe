/// The lines of a text, one after another.
struct LineReader {
    private(set) var window: TextWindow
    private var position: Int
    /// The line read last, from 1.
    private(set) var line = 0
    /// Whether a line feed ends it, as every line but the last.
    private(set) var hasEnd = false

    /// - Throws: `DatasetError` if the text is damaged, or UTF-16.
    init(_ text: TextSource) throws {
        window = try TextWindow(text)
        position = window.firstPosition
    }

    /// What lines lie in, until the next one is read.
    var bytes: [UInt8] { window.bytes }

    /// Where the next line lies, without the line feed that ends it; nil at the end.
    ///
    /// - Throws: `DatasetError` if the text is damaged.
    mutating func next() throws -> Range<Int>? {
        var looked = position
        while true {
            if let feed = window.bytes.firstIndex(of: UTF8Text.lineFeed, from: looked) {
                defer { position = feed + 1 }
                (line, hasEnd) = (line + 1, true)
                return position..<feed
            }
            if window.isLast { break }
            looked = window.bytes.count - position
            try window.advance(by: position)
            position = 0
        }
        guard position < window.bytes.count else { return nil }
        defer { position = window.bytes.count }
        (line, hasEnd) = (line + 1, false)
        return position..<window.bytes.count
    }

    /// A line without the carriage return that may precede its line feed.
    func withoutReturn(_ range: Range<Int>) -> Range<Int> {
        hasEnd && !range.isEmpty && bytes[range.upperBound - 1] == UTF8Text.carriageReturn ? range.dropLast() : range
    }

    /// What is wrong with bytes that are not UTF-8.
    func problem(_ range: Range<Int>) -> String { UTF8Text.problem(in: bytes, range, start: window.start) }
}
