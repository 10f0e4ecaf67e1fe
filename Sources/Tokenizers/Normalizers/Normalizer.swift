/// Rewrites text before it is split: the `normalizer` of `tokenizer.json`. Text is UTF-8 bytes throughout.
protocol Normalizer: Sendable {
    /// Appends the normalized form of `text[range]`, valid UTF-8, to `output`.
    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout [UInt8])
}

extension Normalizer {
    func normalized(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + 16)
        normalize(text, 0..<text.count, into: &output)
        return output
    }
}

/// Several normalizers one after another.
struct NormalizerSequence: Normalizer {
    private let parts: [any Normalizer]

    init(_ node: Node) throws {
        parts = try TokenizerComponents.list(node, "normalizers", TokenizerComponents.normalizer)
    }

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout [UInt8]) {
        guard let first = parts.first else { return output += text[range] }
        guard parts.count > 1 else { return first.normalize(text, range, into: &output) }
        var present: [UInt8] = []
        present.reserveCapacity(range.count + 16)
        first.normalize(text, range, into: &present)
        for part in parts[1..<(parts.count - 1)] { present = part.normalized(present) }
        parts[parts.count - 1].normalize(present, 0..<present.count, into: &output)
    }
}
