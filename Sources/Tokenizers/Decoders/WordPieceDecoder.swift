import Foundation

/// Joins continuing pieces to what is before them, everything else by spaces, and mends the spaces before
/// some signs.
struct WordPieceDecoder: TokenDecoder {
    private let prefix: String
    private let cleansUp: Bool

    init(_ node: Node) throws {
        prefix = try node.required("prefix").string()
        cleansUp = try node.required("cleanup").bool()
    }

    func decode(_ tokens: [String]) -> [String] {
        tokens.enumerated().map { index, token in
            var piece = token
            if index > 0 {
                piece =
                    token.utf8.starts(with: prefix.utf8)
                    ? String(token.unicodeScalars.dropFirst(prefix.unicodeScalars.count)) : " " + token
            }
            // Token by token, as the reference does it, so ` ' ` is found only within an odd token.
            return cleansUp ? Self.cleanedUp(piece, .decoder) : piece
        }
    }

    /// The reference has two lists that differ in one entry.
    enum CleanUp {
        case decoder
        /// `clean_up_tokenization_spaces` of `tokenizer_config.json`, applied to the whole text.
        case configuration
    }

    static func cleanedUp(_ text: String, _ kind: CleanUp) -> String {
        guard text.utf8.contains(UInt8(ascii: " ")) else { return text }
        var rules = [
            (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
            (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
        ]
        if kind == .decoder { rules.insert((" do not", " don't"), at: 7) }
        var text = text
        for (old, new) in rules { text = text.replacingOccurrences(of: old, with: new, options: .literal) }
        return text
    }
}
