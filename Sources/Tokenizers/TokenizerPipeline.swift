import JSON
import Requirements

/// The components of a tokenizer in the order in which they work. Every kind of tokenizer has one; they
/// differ in the components.
struct TokenizerPipeline: Sendable {
    let normalizer: (any Normalizer)?
    let preTokenizer: (any PreTokenizer)?
    let model: any SubwordModel
    let template: SpecialTokenTemplate
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
        var ids = leading
        let bytes = Array(text.utf8)
        ids.reserveCapacity(leading.count + Swift.min(bytes.count / 3, budget) + trailing.count + 4)
        var work = Work(enough: truncatesLeft || budget == Int.max ? Int.max : leading.count + budget)
        tokenize(bytes, into: &ids, &work)
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

    /// Two texts as one sequence; the longer is cut first.
    func encode(_ first: String, _ second: String, maximumLength: Int?) -> (ids: [Int32], typeIDs: [Int32]) {
        check(maximumLength)
        var work = Work(enough: Int.max)
        var parts = [first, second].map { text in
            var ids: [Int32] = []
            tokenize(Array(text.utf8), into: &ids, &work)
            return ids
        }
        if let maximumLength {
            let (firstCount, secondCount) = SpecialTokenTemplate.lengths(
                parts[0].count, parts[1].count, maximum: Swift.max(0, maximumLength - template.pairCount))
            for (part, count) in [firstCount, secondCount].enumerated() where parts[part].count > count {
                parts[part] = truncatesLeft ? parts[part].suffix(count) : parts[part].dropLast(parts[part].count - count)
            }
        }
        return template.joined(parts[0], parts[1])
    }

    /// Buffers that serve all parts of a text.
    private struct Work {
        /// Ids beyond this number would be cut off anyway.
        let enough: Int
        var normalized: [UInt8] = []
        var split = SplitText()
        var scratch: [UInt64] = []
    }

    private func tokenize(_ bytes: [UInt8], into ids: inout [Int32], _ work: inout Work) {
        if matcher.isEmpty { return tokenizePart(bytes, 0..<bytes.count, into: &ids, &work) }
        for piece in matcher.split(bytes, 0..<bytes.count) {
            if ids.count >= work.enough { return }
            if let id = piece.id {
                ids.append(id)
            } else {
                tokenizePart(bytes, piece.range, into: &ids, &work)
            }
        }
    }

    private func tokenizePart(
        _ bytes: [UInt8], _ range: Range<Int>, into ids: inout [Int32], _ work: inout Work
    ) {
        guard let normalizer else {
            return tokenizeNormalized(bytes, range, startsInput: range.lowerBound == 0, into: &ids, &work)
        }
        var normalized: [UInt8] = []
        swap(&normalized, &work.normalized)
        normalized.removeAll(keepingCapacity: true)
        normalized.reserveCapacity(range.count + 16)
        normalizer.normalize(bytes, range, into: &normalized)
        tokenizeNormalized(
            normalized, 0..<normalized.count, startsInput: range.lowerBound == 0 && keepsStart(of: bytes, normalizer),
            into: &ids, &work)
        swap(&normalized, &work.normalized)
    }

    /// Whether something is left of a text's first character.
    private func keepsStart(of bytes: [UInt8], _ normalizer: any Normalizer) -> Bool {
        guard let preTokenizer, preTokenizer.asksForStart, !bytes.isEmpty else { return true }
        var end = 0
        _ = bytes.scalar(at: &end)
        return !normalizer.normalized(Array(bytes[..<end])).isEmpty
    }

    private func tokenizeNormalized(
        _ text: [UInt8], _ range: Range<Int>, startsInput: Bool, into ids: inout [Int32], _ work: inout Work
    ) {
        if normalizedMatcher.isEmpty { return tokenizeWords(text, range, startsInput: startsInput, into: &ids, &work) }
        for piece in normalizedMatcher.split(text, range) {
            if let id = piece.id {
                ids.append(id)
            } else {
                let starts = startsInput && piece.range.lowerBound == range.lowerBound
                tokenizeWords(text, piece.range, startsInput: starts, into: &ids, &work)
            }
        }
    }

    private func tokenizeWords(
        _ text: [UInt8], _ range: Range<Int>, startsInput: Bool, into ids: inout [Int32], _ work: inout Work
    ) {
        work.split.set(text, range, startsInput: startsInput)
        preTokenizer?.split(&work.split)
        for word in work.split.words {
            if ids.count >= work.enough { break }
            model.tokenize(work.split.bytes, word, into: &ids, scratch: &work.scratch)
        }
        work.split.clear()
    }

    func decode(_ ids: [Int32], skippingSpecialTokens: Bool) -> String {
        let tokens = ids.compactMap { token(of: $0) }
            .filter { !skippingSpecialTokens || !specialContents.contains(ExactKey($0)) }
        return decoder?.decode(tokens).joined() ?? tokens.joined(separator: " ")
    }
}
