/// Makes every byte of a text a visible character, so that a vocabulary of 256 signs covers all texts, and back:
/// `ByteLevel` of `tokenizer.json`, as GPT-2 and RoBERTa use it.
struct ByteLevel: PreTokenizer, PostProcessor, TokenDecoder {
    private let addsPrefixSpace: Bool
    /// Whether words are cut by GPT-2's pattern first.
    private let usesPattern: Bool
    let trims: [OffsetTrim]

    init(_ node: Node) throws {
        addsPrefixSpace = try node.member("add_prefix_space")?.bool() ?? true
        usesPattern = try node.member("use_regex")?.bool() ?? true
        trims = try OffsetTrim.all(node)
    }

    func split(_ text: inout SplitText) {
        if addsPrefixSpace {
            text.rewrite { bytes, word, _, output in
                if bytes[word.lowerBound] != UInt8(ascii: " ") {
                    output.bytes.append(UInt8(ascii: " "))
                    output.trace(word.lowerBound)
                }
                output.copy(bytes, word)
            }
        }
        if usesPattern { text.split(GPT2Pattern.shared.split) }
        let characters = ByteCharacters.shared
        text.rewrite { bytes, word, _, output in
            for index in word {
                characters.append(bytes[index], to: &output.bytes)
                output.trace(index)
            }
        }
    }

    var template: SpecialTokenTemplate { .plain }

    func decode(_ tokens: [String]) -> [String] {
        var bytes: [UInt8] = []
        for token in tokens { bytes += ByteCharacters.shared.bytes(of: token) ?? Array(token.utf8) }
        return [String(decoding: bytes, as: UTF8.self)]
    }
}

/// The character that stands for each byte: itself where it is visible, or else one from U+0100 on.
struct ByteCharacters: Sendable {
    static let shared = ByteCharacters()

    private let codes: [UInt32]
    private let bytes: [UInt32: UInt8]

    private init() {
        var next: UInt32 = 0x100
        codes = (0..<256).map { (byte: UInt32) in
            if 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte { return byte }
            defer { next += 1 }
            return next
        }
        bytes = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, UInt8($0)) })
    }

    @inline(__always)
    func append(_ byte: UInt8, to output: inout [UInt8]) {
        output.appendUTF8(of: codes[Int(byte)])
    }

    /// The bytes that the characters of a token stand for; nil when one stands for none.
    func bytes(of token: String) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in token.unicodeScalars {
            guard let byte = bytes[scalar.value] else { return nil }
            result.append(byte)
        }
        return result
    }
}
