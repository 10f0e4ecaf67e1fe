/// A text and the words that it was cut into. Pre-tokenizers cut words further, or write them anew.
struct SplitText {
    private(set) var bytes: [UInt8] = []
    private(set) var words: [Range<Int>] = []
    /// Whether the first word begins where the input does.
    private(set) var startsInput = false
    /// Of each byte: the scalar of the input that it comes from; nil where nobody asks.
    private(set) var origins: [Int32]?

    // Kept to spare allocations.
    private var previousWords: [Range<Int>] = []
    private var buffers: [[UInt8]] = []
    /// Whether `bytes` is one of the buffers; it is shared with somebody else otherwise.
    private var ownsBytes = false

    /// One word, or none where there is no text.
    mutating func set(_ text: [UInt8], _ range: Range<Int>, startsInput: Bool, origins: [Int32]? = nil) {
        replaceBytes(text, owned: false)
        words.removeAll(keepingCapacity: true)
        if !range.isEmpty { words.append(range) }
        self.startsInput = startsInput
        self.origins = origins
    }

    /// Lets go of the text, so that whoever gave it can write into its memory.
    mutating func clear() { replaceBytes([], owned: false) }

    private mutating func replaceBytes(_ text: [UInt8], owned: Bool) {
        if ownsBytes { buffers.append(bytes) }
        bytes = text
        ownsBytes = owned
    }

    /// Cuts each word.
    ///
    /// - Parameter body: Appends the parts of a word, in order, none of them empty.
    mutating func split(_ body: (_ text: [UInt8], _ word: Range<Int>, _ parts: inout [Range<Int>]) -> Void) {
        swap(&words, &previousWords)
        words.removeAll(keepingCapacity: true)
        for word in previousWords { body(bytes, word, &words) }
        if startsInput, words.first?.lowerBound != previousWords.first?.lowerBound { startsInput = false }
    }

    /// Writes each word anew.
    ///
    /// - Parameter body: Appends the new bytes of a word, valid UTF-8, and traces them; `isFirst` for the word that begins the input.
    mutating func rewrite(
        _ body: (_ text: [UInt8], _ word: Range<Int>, _ isFirst: Bool, _ output: inout RewrittenText) -> Void
    ) {
        var rewritten = RewrittenText(isTraced: origins != nil, buffers.popLast() ?? [])
        for index in words.indices {
            let start = rewritten.bytes.count, word = words[index]
            body(bytes, word, startsInput && index == 0, &rewritten)
            rewritten.mark(word.upperBound)
            words[index] = start..<rewritten.bytes.count
        }
        rewritten.end(words.last?.upperBound ?? 0, origins)
        if origins != nil { origins = rewritten.origins }
        replaceBytes(rewritten.bytes, owned: true)
    }
}
