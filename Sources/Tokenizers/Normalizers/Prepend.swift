/// Sets a text before every text that is not empty.
struct Prepend: Normalizer {
    private let prefix: [UInt8]

    init(_ node: Node) throws {
        prefix = Array(try node.required("prepend").string().utf8)
    }

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        if range.isEmpty { return }
        output.bytes += prefix
        output.trace(range.lowerBound)
        output.copy(text, range)
    }
}
