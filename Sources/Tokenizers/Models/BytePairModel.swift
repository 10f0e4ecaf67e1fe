import JSON

/// Byte-pair encoding: a word's characters are joined pair by pair in the order in which training joined them: `BPE` of
/// `tokenizer.json`.
struct BytePairModel: SubwordModel {
    let vocabulary: Vocabulary
    let unknownToken: String?

    private let unknownID: Int32?
    private let merges: MergeTable
    private let continuingPrefix: [UInt8]
    private let wordSuffix: [UInt8]
    private let fusesUnknown: Bool
    /// The token of every byte, where the vocabulary has them all and characters may be spelled in bytes.
    private let byteIDs: [Int32?]
    /// Whether a word that is a token is taken as it is.
    private let ignoresMerges: Bool
    private let cache = WordCache()

    init(_ node: Node) throws {
        let vocabulary = try Vocabulary(try node.required("vocab"))
        if let dropout = try node.present("dropout"), try dropout.number() != 0 {
            throw dropout.error("dropout is not supported, expected null or 0")
        }
        let unknown = try node.present("unk_token")
        unknownToken = try unknown?.string()
        unknownID = try unknownToken.map { token in
            guard let id = vocabulary.id(of: token) else {
                throw node.error("the unknown token \"\(token)\" is not in model.vocab")
            }
            return id
        }
        continuingPrefix = Array(try node.present("continuing_subword_prefix")?.string().utf8 ?? "".utf8)
        wordSuffix = Array(try node.present("end_of_word_suffix")?.string().utf8 ?? "".utf8)
        fusesUnknown = try node.present("fuse_unk")?.bool() ?? false
        ignoresMerges = try node.present("ignore_merges")?.bool() ?? false
        byteIDs =
            try node.present("byte_fallback")?.bool() ?? false
            ? (0..<256).map { vocabulary.id(of: ByteFallback.token(of: UInt8($0))) } : []
        merges = try Self.merges(try node.required("merges"), vocabulary, prefixLength: continuingPrefix.count)
        self.vocabulary = vocabulary
    }

    /// Two tokens, in a list or with a space between them.
    private static func merges(_ node: Node, _ vocabulary: Vocabulary, prefixLength: Int) throws -> MergeTable {
        guard case .array(let values) = node.value else { throw node.mismatch("a list") }
        return MergeTable(
            try values.enumerated().map { index, value in
                // Places are made only where something is wrong: there are many merges.
                func element() -> Node { Node(value, at: node.place.element(index)) }
                let pair: (first: [UInt8], second: [UInt8])
                switch value {
                case .string(let text):
                    let parts = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                    guard parts.count == 2 else { throw element().mismatch("two tokens with a space between them") }
                    pair = (Array(parts[0]), Array(parts[1]))
                case .array(let parts):
                    guard parts.count == 2, case .string(let first) = parts[0], case .string(let second) = parts[1] else {
                        throw element().error("expected a list of two tokens")
                    }
                    pair = (Array(first.utf8), Array(second.utf8))
                default: throw element().mismatch("two tokens")
                }
                func id(_ token: [UInt8]) throws -> Int32 {
                    guard let id = vocabulary.id(of: token, 0..<token.count) else {
                        throw element().error("the token \"\(String(decoding: token, as: UTF8.self))\" is not in model.vocab")
                    }
                    return id
                }
                return (try id(pair.first), try id(pair.second), try id(pair.first + pair.second.dropFirst(prefixLength)))
            })
    }

    var files: [(name: String, text: String)] {
        let lines = merges.pairs.map { pair in
            (vocabulary.token(of: pair.first) ?? "") + " " + (vocabulary.token(of: pair.second) ?? "") + "\n"
        }
        return [
            (TokenizerFiles.vocabularyJSON, vocabulary.json),
            (TokenizerFiles.merges, "#version: 0.2\n" + lines.joined()),
        ]
    }

    func tokenize(_ text: [UInt8], _ range: Range<Int>, into tokens: inout TokenList, scratch: inout [UInt64]) {
        let hash = Vocabulary.hash(of: text, range)
        if ignoresMerges, let id = vocabulary.id(hash: hash, of: Vocabulary.noPrefix, text, range) { return tokens.append(id, range) }
        let key = Vocabulary.mixed(hash)
        if !tokens.isTraced, cache.find(text, range, hash: key, into: &tokens.ids) { return }
        let start = tokens.count
        appendSymbols(text, range, to: &tokens)
        join(&tokens.ids, &tokens.offsets, from: start, queue: &scratch)
        guard tokens.isTraced else { return cache.insert(text, range, hash: key, tokens.ids[start...]) }
        // As the reference counts: characters that were dropped have no length.
        var end = range.lowerBound
        for index in start..<tokens.count {
            let first = end
            end += tokens.offsets[index].count
            tokens.offsets[index] = first..<end
        }
    }

    /// The tokens of the single characters, and of their bytes no more than how many they are. Without an unknown token, characters
    /// that the vocabulary lacks are dropped.
    private func appendSymbols(_ text: [UInt8], _ range: Range<Int>, to tokens: inout TokenList) {
        var position = range.lowerBound
        // An unknown character is held back, as the reference does it, until the next known one: so many bytes.
        var held = 0
        func appendHeld() {
            if held > 0, let unknownID { tokens.append(unknownID, 0..<held) }
            held = 0
        }
        while position < range.upperBound {
            let start = position
            _ = text.scalar(at: &position)
            let isFirst = start == range.lowerBound, isLast = position == range.upperBound
            var id: Int32?
            var spelled: ArraySlice<UInt8> = text[start..<position]
            if !isFirst && !continuingPrefix.isEmpty || isLast && !wordSuffix.isEmpty {
                let whole = (isFirst ? [] : continuingPrefix) + spelled + (isLast ? wordSuffix : [])
                id = vocabulary.id(of: whole, 0..<whole.count)
                spelled = whole[...]
            } else {
                id = vocabulary.id(of: text, start..<position)
            }
            if let id {
                appendHeld()
                tokens.append(id, 0..<(position - start))
                continue
            }
            if !byteIDs.isEmpty {
                let bytes = spelled.compactMap { byteIDs[Int($0)] }
                if bytes.count == spelled.count {
                    for id in bytes { tokens.append(id, 0..<1) }
                    continue
                }
            }
            if !fusesUnknown { appendHeld() }
            held += position - start
        }
        appendHeld()
    }

    /// Joins the symbols `ids[start...]` until no pair is left to join.
    ///
    /// - Parameters:
    ///   - lengths: Of the symbols, where these count.
    ///   - queue: A heap of the pairs that may be joined, rank in the upper half, place in the lower.
    private func join(_ ids: inout [Int32], _ lengths: inout [Range<Int>], from start: Int, queue: inout [UInt64]) {
        let count = ids.count - start
        if count < 2 { return }
        queue.removeAll(keepingCapacity: true)
        // Neighbors of each symbol; a symbol that was joined to the one before it has the id -1.
        var next = (0..<count).map { Int32($0 + 1) }
        var previous = (0..<count).map { Int32($0 - 1) }
        func push(_ left: Int, _ right: Int, _ ids: [Int32], _ queue: inout [UInt64]) {
            guard let rank = merges.rank(ids[start + left], ids[start + right]) else { return }
            queue.pushHeap(UInt64(rank) << 32 | UInt64(left))
        }
        for left in 0..<(count - 1) { push(left, left + 1, ids, &queue) }
        while let top = queue.popHeap() {
            let left = Int(top & 0xFFFF_FFFF), right = Int(next[left])
            let result = merges.result(of: UInt32(top >> 32))
            // What was pushed may have been joined otherwise since.
            guard ids[start + left] >= 0, right < count,
                let rank = merges.rank(ids[start + left], ids[start + right]), merges.result(of: rank) == result
            else { continue }
            ids[start + left] = result
            ids[start + right] = -1
            if !lengths.isEmpty { lengths[start + left] = 0..<(lengths[start + left].count + lengths[start + right].count) }
            next[left] = next[right]
            if Int(next[left]) < count { previous[Int(next[left])] = Int32(left) }
            if previous[left] >= 0 { push(Int(previous[left]), left, ids, &queue) }
            if Int(next[left]) < count { push(left, Int(next[left]), ids, &queue) }
        }
        var end = start, symbol = 0
        while symbol < count {
            ids[end] = ids[start + symbol]
            if !lengths.isEmpty { lengths[end] = lengths[start + symbol] }
            end += 1
            symbol = Int(next[symbol])
        }
        if !lengths.isEmpty { lengths.removeLast(ids.count - end) }
        ids.removeLast(ids.count - end)
    }
}
