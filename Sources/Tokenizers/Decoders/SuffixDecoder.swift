import Foundation

/// The sign that ends a word becomes a space, or nothing after the last: `BPEDecoder` of `tokenizer.json`.
struct SuffixDecoder: TokenDecoder {
    private let suffix: String

    init(_ node: Node) throws {
        suffix = try node.member("suffix")?.string() ?? "</w>"
    }

    func decode(_ tokens: [String]) -> [String] {
        tokens.enumerated().map { index, token in
            token.replacingOccurrences(of: suffix, with: index == tokens.count - 1 ? "" : " ", options: .literal)
        }
    }
}
