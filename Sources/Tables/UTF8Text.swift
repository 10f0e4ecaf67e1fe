/// Strict reading of text from bytes.
enum UTF8Text {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let quote = UInt8(ascii: "\"")
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// What UTF-16 texts begin with, neither of which UTF-8 holds anywhere.
    static let sixteenBitMarks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]

    /// Where a text begins: behind a byte order mark, which is no part of it.
    static func start(of bytes: [UInt8]) -> Int { bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0 }

    /// The position of the first byte in `range` that is not part of valid UTF-8, or `nil` if there is none.
    static func firstInvalidPosition(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
        var iterator = bytes[range].makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        var position = range.lowerBound
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): position += scalar.count
            case .error: return position
            case .emptyInput: return nil
            }
        }
    }

    /// What is wrong with the bytes of `range`, of which one must be invalid, counted from the file's
    /// beginning.
    ///
    /// - Parameters:
    ///   - bytes: A part of the file.
    ///   - range: Where the text lies in it.
    ///   - start: Where the part begins in the file.
    static func problem(in bytes: [UInt8], _ range: Range<Int>, start: Int = 0) -> String {
        let position = firstInvalidPosition(in: bytes, range) ?? range.lowerBound
        return
            "the byte 0x\(twoDigits(bytes[position])) at offset \(start + position) of the file is not valid UTF-8; save the file as UTF-8"
    }

    /// A message's rendering of the character at `position`, which may be any bytes.
    static func character(at position: Int, in bytes: [UInt8]) -> String {
        let following = String(decoding: bytes[position..<min(position + 16, bytes.count)], as: UTF8.self)
        guard let scalar = following.unicodeScalars.first else { return "nothing" }
        return scalar.value < 0x20 ? "the control character U+00" + twoDigits(UInt8(scalar.value)) : "\"\(scalar)\""
    }

    private static func twoDigits(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    /// A message's rendering of a number: whole ones without a point.
    static func number(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

    /// A message's rendering of a text found in the wrong place: in quotes, cut if it is long.
    static func excerpt(_ text: String) -> String {
        text.isEmpty ? "an empty text" : "\"" + text.prefix(60) + (text.count > 60 ? "…\"" : "\"")
    }
}
