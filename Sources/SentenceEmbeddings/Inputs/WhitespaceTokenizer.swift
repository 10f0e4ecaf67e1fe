import Foundation
import JSON
import ModelFiles
import Requirements
import Tokenizers

/// Cuts texts at white space and looks the words up: as they are, without punctuation around them, then in lower case. Words that it
/// does not know, and stop words, are left out.
public struct WhitespaceTokenizer: Tokenizer {
    /// The words, by their ids.
    public let vocabulary: [String]
    private let ids: [ExactKey: Int32]
    private let stopWords: Set<ExactKey>
    private let configuration: JSONObject
    /// Whether texts are looked up in lower case from the start.
    public let lowercases: Bool

    private static let fileName = "whitespacetokenizer_config.json"

    /// - Parameters:
    ///   - vocabulary: The words, by their ids; of one that stands there twice the last id counts.
    ///   - stopWords: Words that are left out.
    ///   - lowercasing: Whether texts are looked up in lower case from the start.
    public init(vocabulary: [String], stopWords: [String] = [], lowercasing: Bool = false) {
        self.vocabulary = vocabulary
        ids = Dictionary(vocabulary.enumerated().map { (ExactKey($1), Int32($0)) }) { _, last in last }
        self.stopWords = Set(stopWords.map(ExactKey.init))
        lowercases = lowercasing
        configuration = [
            "vocab": .array(vocabulary.map { .string($0) }), "stop_words": .array(stopWords.map { .string($0) }),
            "do_lower_case": .bool(lowercasing),
        ]
    }

    /// - Throws: `ModelFileError` for a configuration that is none.
    public init(folder: URL) throws {
        var fields = try JSONFields(configurationIn: folder, named: Self.fileName)
        self.init(
            vocabulary: try fields.required("vocab", try fields.strings("vocab"), "a list of words"),
            stopWords: try fields.strings("stop_words") ?? [], lowercasing: try fields.bool("do_lower_case") ?? false)
    }

    public func encode(_ text: String, maximumLength: Int?) -> [Int32] {
        var found: [Int32] = []
        let text = lowercases ? text.lowercased() : text
        for word in text.unicodeScalars.split(whereSeparator: \.isPythonSpace) {
            if found.count == maximumLength { break }
            if let id = id(ofWord: String(String.UnicodeScalarView(word))) { found.append(id) }
        }
        return found
    }

    /// The id under the first of a word's spellings that is known, unless one before it is a stop word.
    private func id(ofWord word: String) -> Int32? {
        let bare = word.trimmingCharacters(in: Self.punctuation)
        for spelling in [word, bare, bare.lowercased()].map(ExactKey.init) {
            if stopWords.contains(spelling) { return nil }
            if let id = ids[spelling] { return id }
        }
        return nil
    }

    private static let punctuation = CharacterSet(charactersIn: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

    public func encode(_ first: String, _ second: String, maximumLength: Int?) -> (ids: [Int32], typeIDs: [Int32]) {
        let (one, other) = (encode(first, maximumLength: maximumLength), encode(second, maximumLength: maximumLength))
        let ids = Array((one + other).prefix(maximumLength ?? .max))
        return (ids, ids.indices.map { $0 < one.count ? 0 : 1 })
    }

    public func decode(_ ids: [Int32], skippingSpecialTokens: Bool) -> String {
        ids.filter { vocabulary.indices.contains(Int($0)) }.map { vocabulary[Int($0)] }.joined(separator: " ")
    }

    public func tokens(of ids: [Int32]) -> [String] {
        ids.map { id in
            require(vocabulary.indices.contains(Int(id)), "tokens(of:): no word has id \(id), there are \(vocabulary.count)")
            return vocabulary[Int(id)]
        }
    }

    public var vocabularySize: Int { vocabulary.count }
    public var modelMaximumLength: Int? { nil }
    public func id(of token: String) -> Int32? { ids[ExactKey(token)] }
    public func isSpecial(_ id: Int32) -> Bool { false }
    public var padID: Int32? { nil }

    /// Writes `whitespacetokenizer_config.json`.
    ///
    /// - Throws: `ModelFileError`.
    public func save(to directory: URL) throws { try configuration.writeConfiguration(in: directory, named: Self.fileName) }
}

extension Unicode.Scalar {
    /// Whether Python's `split()` cuts there.
    fileprivate var isPythonSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }
}
