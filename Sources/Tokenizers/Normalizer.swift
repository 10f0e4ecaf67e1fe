/// Rewrites text before it is split: the `normalizer` of `tokenizer.json`. Text is UTF-8 bytes throughout.
protocol Normalizer: Sendable {
    /// Appends the normalized form of `text[range]`, valid UTF-8, to `output`.
    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout [UInt8])
}

enum NormalizerReader {
    /// - Returns: `nil` for null: text is taken as it is.
    static func read(_ node: Node?) throws -> (any Normalizer)? {
        guard let node, !node.isNull else { return nil }
        switch try node.required("type").string() {
        case "BertNormalizer": return try BertNormalizer(node)
        case let type: throw node.unsupported("type", type, among: ["BertNormalizer"])
        }
    }
}
