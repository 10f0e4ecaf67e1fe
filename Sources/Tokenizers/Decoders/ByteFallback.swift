/// Tokens such as `<0xE2>` become the bytes that they name; where these are no UTF-8, each is one U+FFFD.
struct ByteFallback: TokenDecoder {
    func decode(_ tokens: [String]) -> [String] {
        var parts: [String] = []
        var bytes: [UInt8] = []
        func flush() {
            if bytes.isEmpty { return }
            if let text = String(validating: bytes, as: UTF8.self) {
                parts.append(text)
            } else {
                parts += bytes.map { _ in "\u{FFFD}" }
            }
            bytes = []
        }
        for token in tokens {
            if let byte = Self.byte(token) {
                bytes.append(byte)
            } else {
                flush()
                parts.append(token)
            }
        }
        flush()
        return parts
    }

    private static func byte(_ token: String) -> UInt8? {
        guard token.utf8.count == 6, token.hasPrefix("<0x"), token.hasSuffix(">") else { return nil }
        return UInt8(token.dropFirst(3).dropLast(), radix: 16)
    }

    /// The token of a byte.
    static func token(of byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
    }
}
