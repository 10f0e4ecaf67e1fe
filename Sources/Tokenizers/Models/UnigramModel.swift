import JSON

/// Splits a word into the pieces whose scores have the largest sum: `Unigram` of `tokenizer.json`, as SentencePiece trains it.
struct UnigramModel: SubwordModel {
    let vocabulary: Vocabulary
    let unknownToken: String?

    private let unknownID: Int32?
    private let scores: [Double]
    /// Of a character that no piece stands for.
    private let unknownScore: Double
    private let trie: PieceTrie
    /// The tokens of all bytes, where characters may be spelled in them.
    private let byteIDs: [Int32?]
    private let cache = WordCache()

    init(_ node: Node) throws {
        var pieces: [String] = [], scores: [Double] = []
        let list = try node.required("vocab")
        guard case .array(let values) = list.value else { throw list.mismatch("a list") }
        pieces.reserveCapacity(values.count)
        scores.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            guard case .array(let pair) = value, pair.count == 2, case .string(let piece) = pair[0],
                let score = pair[1].doubleValue, score.isFinite
            else { throw Node(value, at: list.place.element(index)).error("expected a list of a piece and its score") }
            pieces.append(piece)
            scores.append(score)
        }
        guard pieces.count <= Vocabulary.allowedIDs.upperBound else { throw list.error("\(pieces.count) pieces are too many") }
        let vocabulary = Vocabulary(pieces: pieces)
        let unknown = try node.present("unk_id")
        unknownID = try unknown.map { unknown in
            let id = try unknown.integer()
            guard pieces.indices.contains(id) else { throw unknown.error("id \(id) is none of the \(pieces.count) pieces") }
            return Int32(id)
        }
        unknownToken = unknownID.map { pieces[Int($0)] }
        self.scores = scores
        unknownScore = (scores.min() ?? 0) - 10
        byteIDs =
            try node.present("byte_fallback")?.bool() ?? false
            ? (0..<256).map { vocabulary.id(of: ByteFallback.token(of: UInt8($0))) } : []
        // Of a piece that stands there twice the last counts.
        trie = PieceTrie(
            pieces.enumerated().compactMap { id, piece in
                !piece.isEmpty && vocabulary.id(of: piece) == Int32(id) ? (Array(piece.utf8), Int32(id)) : nil
            })
        self.vocabulary = vocabulary
    }

    var files: [(name: String, text: String)] { [] }

    func tokenize(_ text: [UInt8], _ range: Range<Int>, into tokens: inout TokenList, scratch: inout [UInt64]) {
        let key = Vocabulary.mixed(Vocabulary.hash(of: text, range))
        if !tokens.isTraced, cache.find(text, range, hash: key, into: &tokens.ids) { return }
        let start = tokens.count
        split(text, range, into: &tokens, &scratch)
        if !tokens.isTraced { cache.insert(text, range, hash: key, tokens.ids[start...]) }
    }

    /// - Parameter path: For each place in the word, the score of the best pieces up to it, and of the last of these the id and where
    ///   it begins.
    private func split(_ text: [UInt8], _ range: Range<Int>, into tokens: inout TokenList, _ path: inout [UInt64]) {
        let origin = range.lowerBound, end = range.upperBound
        let unreached = UInt64.max
        path.removeAll(keepingCapacity: true)
        path.append(contentsOf: repeatElement(0, count: 2))
        for _ in range {
            path.append(0)
            path.append(unreached)
        }
        // An unknown piece without an id has this one.
        let unknown = unknownID ?? Int32.max
        var position = origin
        while position < end {
            let score = Double(bitPattern: path[2 * (position - origin)])
            var next = position
            _ = text.scalar(at: &next)
            var hasSingle = false
            func offer(_ id: Int32, _ pieceScore: Double, _ pieceEnd: Int) {
                let slot = 2 * (pieceEnd - origin), candidate = score + pieceScore
                if path[slot + 1] == unreached || candidate > Double(bitPattern: path[slot]) {
                    path[slot] = candidate.bitPattern
                    path[slot + 1] = UInt64(UInt32(bitPattern: id)) << 32 | UInt64(position - origin)
                }
            }
            trie.forEachPrefix(of: text, position, end) { id, pieceEnd in
                offer(id, scores[Int(id)], pieceEnd)
                if pieceEnd == next { hasSingle = true }
            }
            if !hasSingle { offer(unknown, unknownScore, next) }
            position = next
        }
        // From the end back; unknown pieces beside each other are one.
        let first = tokens.count
        var pieceEnd = end - origin, unknownEnd = -1
        func flush(_ start: Int) {
            guard unknownEnd >= 0 else { return }
            appendUnknown(text, origin + start..<origin + unknownEnd, to: &tokens)
            unknownEnd = -1
        }
        while pieceEnd > 0 {
            let step = path[2 * pieceEnd + 1]
            let id = Int32(truncatingIfNeeded: step >> 32), start = Int(step & 0xFFFF_FFFF)
            if id == unknown {
                if unknownEnd < 0 { unknownEnd = pieceEnd }
            } else {
                flush(pieceEnd)
                tokens.append(id, origin + start..<origin + pieceEnd)
            }
            pieceEnd = start
        }
        flush(0)
        tokens.reverse(from: first)
    }

    /// Backwards, as all ids are appended there.
    private func appendUnknown(_ text: [UInt8], _ range: Range<Int>, to tokens: inout TokenList) {
        if let id = vocabulary.id(of: text, range) { return tokens.append(id, range) }
        if !byteIDs.isEmpty {
            let spelled = text[range].reversed().compactMap { byteIDs[Int($0)] }
            if spelled.count == range.count { return spelled.forEach { tokens.append($0, range) } }
        }
        if let unknownID { tokens.append(unknownID, range) }
    }
}
