import Foundation

/// Tokens that repeat the one before go, and so does padding: `CTC` of `tokenizer.json`.
struct CTCDecoder: TokenDecoder {
    private let padding: String
    private let delimiter: String
    private let cleansUp: Bool

    init(_ node: Node) throws {
        padding = try node.required("pad_token").string()
        delimiter = try node.required("word_delimiter_token").string()
        cleansUp = try node.required("cleanup").bool()
    }

    func decode(_ tokens: [String]) -> [String] {
        tokens.indices.filter { $0 == 0 || !tokens[$0].isExactly(tokens[$0 - 1]) }.compactMap { index in
            var text = replaced(tokens[index], padding, "")
            if cleansUp { text = replaced(WordPieceDecoder.cleanedUp(text, .decoder), delimiter, " ") }
            return text.isEmpty ? nil : text
        }
    }

    private func replaced(_ text: String, _ old: String, _ new: String) -> String {
        old.isEmpty ? text : text.replacingOccurrences(of: old, with: new, options: .literal)
    }
}
