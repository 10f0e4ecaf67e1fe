import JSON
import Requirements

/// The components of a tokenizer in the order in which they work. Every kind of tokenizer has one; they
/// differ in the components.
struct TokenizerPipeline: Sendable {
    let normalizer: (any Normalizer)?
    let preTokenizer: (any PreTokenizer)?
    let model: any SubwordModel
    let template: SpecialTokenTemplate
    private let trims: [OffsetTrim]
    let decoder: (any TokenDecoder)?
    /// Ascending ids.
    let addedTokens: [AddedToken]
    let truncatesLeft: Bool

    /// Finds the tokens that stand for themselves in the text as given.
    private let matcher: AddedTokenMatcher
    /// Finds the others in the normalized text.
    private let normalizedMatcher: AddedTokenMatcher
    private let addedByID: [Int32: AddedToken]
    private let addedByContent: [ExactKey: Int32]
    private let specialContents: Set<ExactKey>

    init(
        normalizer: (any Normalizer)?, preTokenizer: (any PreTokenizer)?, model: any SubwordModel,
        postProcessor: (any PostProcessor)?, decoder: (any TokenDecoder)?, addedTokens: [AddedToken],
        truncatesLeft: Bool = false
    ) {
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.model = model
        template = postProcessor?.template ?? .plain
        trims = postProcessor?.trims ?? []
        self.decoder = decoder
        self.addedTokens = addedTokens.sorted { $0.id < $1.id }
        self.truncatesLeft = truncatesLeft
        matcher = AddedTokenMatcher(addedTokens.filter { !$0.isNormalized }) { Array($0.content.utf8) }
        normalizedMatcher = AddedTokenMatcher(addedTokens.filter(\.isNormalized)) { token in
            let content = Array(token.content.utf8)
            return normalizer?.normalized(content) ?? content
        }
        addedByID = Dictionary(addedTokens.map { ($0.id, $0) }) { first, _ in first }
        addedByContent = Dictionary(addedTokens.map { (ExactKey($0.content), $0.id) }) { first, _ in first }
        specialContents = Set(addedTokens.filter(\.isSpecial).map { ExactKey($0.content) })
    }

    var vocabularySize: Int {
        Swift.max(model.vocabulary.idBound, Int(addedTokens.last?.id ?? -1) + 1)
    }

    func id(of token: String) -> Int32? {
        addedByContent[ExactKey(token)] ?? model.vocabulary.id(of: token)
    }

    func token(of id: Int32) -> String? {
        addedByID[id]?.content ?? model.vocabulary.token(of: id)
    }

    func encode(_ text: String, maximumLength: Int?) -> [Int32] {
        check(maximumLength)
        let leading = template.leading, trailing = template.trailing
        // Ids between the special tokens.
        let budget = maximumLength.map { Swift.max(0, $0 - leading.count - trailing.count) } ?? Int.max
        var tokens = TokenList()
        tokens.ids = leading
        let bytes = Array(text.utf8)
        tokens.ids.reserveCapacity(leading.count + Swift.min(bytes.count / 3, budget) + trailing.count + 4)
        var work = Work(enough: truncatesLeft || budget == Int.max ? Int.max : leading.count + budget)
        tokenize(bytes, into: &tokens, &work)
        var ids = tokens.ids
        tokens.ids = []
        if ids.count - leading.count > budget {
            let excess = ids.count - leading.count - budget
            if truncatesLeft {
                ids.removeSubrange(leading.count..<leading.count + excess)
            } else {
                ids.removeLast(excess)
            }
        }
        ids += trailing
        return ids
    }

    private func check(_ maximumLength: Int?) {
        require(
            maximumLength ?? 0 >= 0, "encode: maximumLength is \(maximumLength ?? 0), expected 0 or more")
    }

    /// One or two texts as one sequence; the longer is cut first.
    ///
    /// - Parameter isTraced: Whether offsets are asked for; there are none otherwise.
    func encoding(_ texts: [String], maximumLength: Int?, isTraced: Bool) -> Encoding {
        check(maximumLength)
        let parts = texts.count > 1 ? template.pair : template.single
        var lists = texts.map { text in
            var tokens = TokenList(isTraced: isTraced)
            var work = Work(enough: Int.max)
            tokenize(Array(text.utf8), into: &tokens, &work)
            return tokens
        }
        if let maximumLength {
            let maximum = Swift.max(0, maximumLength - SpecialTokenTemplate.count(parts))
            let (first, second) = SpecialTokenTemplate.lengths(lists[0].count, texts.count > 1 ? lists[1].count : 0, maximum: maximum)
            for (index, count) in zip(lists.indices, [first, second]) { lists[index].cut(to: count, atStart: truncatesLeft) }
        }
        if isTraced {
            for index in lists.indices { for trim in trims { trim.apply(to: &lists[index]) } }
        }
        return SpecialTokenTemplate.joined(parts, lists)
    }

    /// Buffers that serve all parts of a text.
    private struct Work {
        /// Ids beyond this number would be cut off anyway.
        let enough: Int
        var normalized: [UInt8] = []
        var split = SplitText()
        var scratch: [UInt64] = []
        /// Of each byte of the text: the scalar that it belongs to; nil where nobody asks.
        var scalars: [Int32]?

        init(enough: Int) { self.enough = enough }
    }

    private func tokenize(_ bytes: [UInt8], into tokens: inout TokenList, _ work: inout Work) {
        if tokens.isTraced { work.scalars = Self.scalars(of: bytes) }
        if matcher.isEmpty { return tokenizePart(bytes, 0..<bytes.count, into: &tokens, &work) }
        for piece in matcher.split(bytes, 0..<bytes.count) {
            if tokens.count >= work.enough { return }
            if let id = piece.id {
                append(id, bytes, piece.range, work.scalars, to: &tokens)
            } else {
                tokenizePart(bytes, piece.range, into: &tokens, &work)
            }
        }
    }

    private static func scalars(of text: [UInt8]) -> [Int32] {
        var scalar: Int32 = -1
        return text.map { byte in
            if byte & 0xC0 != 0x80 { scalar += 1 }
            return scalar
        }
    }

    /// Appends an added token that was found.
    private func append(_ id: Int32, _ text: [UInt8], _ range: Range<Int>, _ origins: [Int32]?, to tokens: inout TokenList) {
        tokens.append(id, range)
        guard let origins else { return }
        tokens.resolve(from: tokens.count - 1, origins)
        if !trims.isEmpty { tokens.appendBlanks(of: text[range]) }
    }

    private func tokenizePart(_ bytes: [UInt8], _ range: Range<Int>, into tokens: inout TokenList, _ work: inout Work) {
        guard let normalizer else {
            return tokenizeNormalized(bytes, range, work.scalars, startsInput: range.lowerBound == 0, into: &tokens, &work)
        }
        var normalized = RewrittenText(isTraced: tokens.isTraced, work.normalized)
        work.normalized = []
        normalized.bytes.reserveCapacity(range.count + 16)
        normalizer.normalize(bytes, range, into: &normalized)
        var origins: [Int32]?
        if let scalars = work.scalars {
            normalized.end(range.upperBound, scalars, before: range.isEmpty ? -1 : ~scalars[range.lowerBound])
            origins = normalized.origins
        }
        tokenizeNormalized(
            normalized.bytes, 0..<normalized.bytes.count, origins,
            startsInput: range.lowerBound == 0 && keepsStart(of: bytes, normalizer), into: &tokens, &work)
        work.normalized = normalized.bytes
    }

    /// Whether something is left of a text's first character.
    private func keepsStart(of bytes: [UInt8], _ normalizer: any Normalizer) -> Bool {
        guard let preTokenizer, preTokenizer.asksForStart, !bytes.isEmpty else { return true }
        var end = 0
        _ = bytes.scalar(at: &end)
        return !normalizer.normalized(Array(bytes[..<end])).isEmpty
    }

    /// - Parameter origins: Of each byte: the scalar that it comes from; nil where nobody asks.
    private func tokenizeNormalized(
        _ text: [UInt8], _ range: Range<Int>, _ origins: [Int32]?, startsInput: Bool, into tokens: inout TokenList, _ work: inout Work
    ) {
        if normalizedMatcher.isEmpty {
            return tokenizeWords(text, range, origins, startsInput: startsInput, into: &tokens, &work)
        }
        for piece in normalizedMatcher.split(text, range) {
            if let id = piece.id {
                append(id, text, piece.range, origins, to: &tokens)
            } else {
                let starts = startsInput && piece.range.lowerBound == range.lowerBound
                tokenizeWords(text, piece.range, origins, startsInput: starts, into: &tokens, &work)
            }
        }
    }

    private func tokenizeWords(
        _ text: [UInt8], _ range: Range<Int>, _ origins: [Int32]?, startsInput: Bool, into tokens: inout TokenList, _ work: inout Work
    ) {
        work.split.set(text, range, startsInput: startsInput, origins: origins)
        preTokenizer?.split(&work.split)
        let start = tokens.count
        for word in work.split.words {
            if tokens.count >= work.enough { break }
            model.tokenize(work.split.bytes, word, into: &tokens, scratch: &work.scratch)
        }
        if let origins = work.split.origins {
            tokens.resolve(from: start, origins)
            if !trims.isEmpty {
                for id in tokens.ids[start...] { tokens.appendBlanks(of: Array((model.vocabulary.token(of: id) ?? "").utf8)[...]) }
            }
        }
        work.split.clear()
    }

    func decode(_ ids: [Int32], skippingSpecialTokens: Bool) -> String {
        let tokens = ids.compactMap { token(of: $0) }
            .filter { !skippingSpecialTokens || !specialContents.contains(ExactKey($0)) }
        return decoder?.decode(tokens).joined() ?? tokens.joined(separator: " ")
    }
}
