/// Rewrites text before it is split: the `normalizer` of `tokenizer.json`. Text is UTF-8 bytes throughout.
protocol Normalizer: Sendable {
    /// Writes the normalized form of `text[range]`, valid UTF-8, to `output`, which is empty, and traces where it comes from.
    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText)
}

extension Normalizer {
    func normalized(_ text: [UInt8]) -> [UInt8] {
        var output = RewrittenText(isTraced: false)
        output.bytes.reserveCapacity(text.count + 16)
        normalize(text, 0..<text.count, into: &output)
        return output.bytes
    }
}

/// Several normalizers one after another.
struct NormalizerSequence: Normalizer {
    private let parts: [any Normalizer]

    init(_ node: Node) throws {
        parts = try TokenizerComponents.list(node, "normalizers", TokenizerComponents.normalizer)
    }

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        guard let first = parts.first else { return output.copy(text, range) }
        guard parts.count > 1 else { return first.normalize(text, range, into: &output) }
        var present = RewrittenText(isTraced: output.isTraced)
        present.bytes.reserveCapacity(range.count + 16)
        first.normalize(text, range, into: &present)
        present.end(range.upperBound)
        func write(_ part: any Normalizer, into next: inout RewrittenText) {
            part.normalize(present.bytes, 0..<present.bytes.count, into: &next)
            next.end(present.bytes.count, present.origins)
        }
        for part in parts[1..<(parts.count - 1)] {
            var next = RewrittenText(isTraced: output.isTraced)
            next.bytes.reserveCapacity(present.bytes.count + 16)
            write(part, into: &next)
            present = next
        }
        write(parts[parts.count - 1], into: &output)
    }
}
