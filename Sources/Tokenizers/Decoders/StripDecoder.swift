/// Drops a character from the ends of each token, so many times at most: `Strip` of `tokenizer.json`.
struct StripDecoder: TokenDecoder {
    private let character: UInt32
    private let start: Int
    private let end: Int

    init(_ node: Node) throws {
        character = try node.required("content").character()
        start = try node.required("start").integer(in: 0...Int.max)
        end = try node.required("stop").integer(in: 0...Int.max)
    }

    func decode(_ tokens: [String]) -> [String] {
        tokens.map { token in
            var scalars = Substring(token).unicodeScalars
            for _ in 0..<min(start, scalars.count) where scalars.first?.value == character { scalars.removeFirst() }
            for _ in 0..<min(end, scalars.count) where scalars.last?.value == character { scalars.removeLast() }
            return String(scalars)
        }
    }
}
