import Autodiff
import Encoders
import Foundation
import JSON
import Layers
import ModelFiles
import Requirements
import Tokenizers

/// A vector for each word of a text, as GloVe or word2vec give them; a pooling follows.
///
/// ```swift
/// let words = try WordEmbeddings(textFile: "glove.6B.300d.txt", maximumVocabularySize: 100_000)
/// let model = SentenceTransformer(words, [Pooling(width: 300)])
/// ```
public struct WordEmbeddings: InputModule {
    /// `[V, D]`: a vector for each word.
    public let embedding: Embedding
    private let words: any Tokenizer
    /// Whether training changes the vectors.
    public let updatesEmbeddings: Bool
    /// Longest text in words; longer ones are cut.
    public var maximumSequenceLength: Int

    public static var typeName: String { ModuleKind.wordEmbeddings.typeName(.version6) }
    private static let fileName = "wordembedding_config.json"

    /// - Parameters:
    ///   - tokenizer: Its ids number the rows; traps where there are more of them.
    ///   - weights: `[V, D]`.
    ///   - updatesEmbeddings: Whether training changes the vectors.
    ///   - maximumSequenceLength: Longest text in words.
    public init(_ tokenizer: any Tokenizer, weights: Tensor, updatesEmbeddings: Bool = false, maximumSequenceLength: Int = 1_000_000) {
        require(
            weights.rank == 2 && weights.shape[0] >= tokenizer.vocabularySize,
            "WordEmbeddings: weights of shape \(weights.shape) have no row for each of \(tokenizer.vocabularySize) words")
        embedding = Embedding(count: weights.shape[0], width: weights.shape[1], key: nil)
        embedding.weight.value = weights
        embedding.weight.isTrainable = updatesEmbeddings
        words = tokenizer
        self.updatesEmbeddings = updatesEmbeddings
        self.maximumSequenceLength = maximumSequenceLength
    }

    /// Reads vectors as GloVe and word2vec write them: a word and its numbers a line. A first line of two fields, as word2vec has
    /// it, is skipped, as are lines of another width. Row 0 is `PADDING_TOKEN`, of zeros.
    ///
    /// - Parameters:
    ///   - path: The file, in UTF-8.
    ///   - separator: Between the fields.
    ///   - maximumVocabularySize: Takes at most so many words.
    ///   - updatesEmbeddings: Whether training changes the vectors.
    ///   - lowercasing: Whether texts are looked up in lower case.
    /// - Throws: `ModelFileError` with the line, for what is no number, and for a file without a vector.
    public init(
        textFile path: String, separator: Character = " ", maximumVocabularySize: Int? = nil, updatesEmbeddings: Bool = false,
        lowercasing: Bool = false
    ) throws {
        var (vocabulary, numbers, width) = (["PADDING_TOKEN"], [Float](), Int?.none)
        guard let content = FileManager.default.contents(atPath: path) else {
            throw ModelFileError(.missing, file: path, problem: "there is no such file, or it cannot be read")
        }
        for (number, line) in String(decoding: content, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        {
            if let most = maximumVocabularySize, vocabulary.count > most { break }
            let fields = line.trimmingSuffix(\.isWhitespace).split(separator: separator, omittingEmptySubsequences: false)
            if fields.count < 2 || width == nil && fields.count == 2 { continue }
            if width == nil {
                width = fields.count - 1
                numbers = [Float](repeating: 0, count: fields.count - 1)
            }
            guard fields.count - 1 == width else { continue }
            for field in fields.dropFirst() {
                guard let value = Float(field), value.isFinite else {
                    throw ModelFileError(
                        .malformed, file: path, place: "line \(number + 1)", problem: "\(quoted(String(field))) is no number")
                }
                numbers.append(value)
            }
            vocabulary.append(String(fields[0]))
        }
        guard let width else {
            throw ModelFileError(.malformed, file: path, problem: "there is no line of a word and its numbers")
        }
        self.init(
            WhitespaceTokenizer(vocabulary: vocabulary, lowercasing: lowercasing),
            weights: Tensor(scalars: numbers, shape: [vocabulary.count, width]), updatesEmbeddings: updatesEmbeddings)
    }

    /// - Throws: `ModelFileError` or `TokenizerError` for a configuration, weights or words that do not fit.
    public init(folder: URL) throws {
        var fields = try JSONFields(configurationIn: folder, named: Self.fileName)
        let tokenizer: any Tokenizer
        switch ModuleEntry.className(ofType: try fields.requiredString("tokenizer_class")) {
        case "WhitespaceTokenizer": tokenizer = try WhitespaceTokenizer(folder: folder)
        case "TransformersTokenizerWrapper": tokenizer = try PretrainedTokenizer(directory: folder)
        case let name:
            throw fields.error(
                "tokenizer_class", "\(quoted(name)) is not supported; supported are WhitespaceTokenizer and TransformersTokenizerWrapper",
                kind: .unsupported)
        }
        let files = try WeightFiles(folder: folder)
        let weights = try files.tensor("emb_layer.weight", isExclusive: true)
        guard weights.rank == 2, weights.dtype.isFloatingPoint, weights.shape[0] >= tokenizer.vocabularySize else {
            throw ModelFileError(
                .malformed, file: files.url.path, place: "emb_layer.weight",
                problem: "a row is needed for each of \(tokenizer.vocabularySize) words, but the shape is \(weights.shape)")
        }
        self.init(
            tokenizer, weights: weights, updatesEmbeddings: try fields.bool("update_embeddings") ?? false,
            maximumSequenceLength: try fields.integer("max_seq_length", in: 0...Int.max) ?? 1_000_000)
    }

    public var parts: [NamedPart] { embedding.parts.named(under: "emb_layer") }
    public func tokenizer(for task: String?) -> any Tokenizer { words }
    public func tokenDimension(of inputDimension: Int?) -> Int? { embedding.weight.shape[1] }
    public var summary: String {
        "\(embedding.weight.shape[0]) words, width \(embedding.weight.shape[1])\(updatesEmbeddings ? "" : ", fixed")"
    }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        let ids = features.batch.tokenIDs
        features.tokenEmbeddings = embedding(Tensor(scalars: ids, shape: [ids.count]))
        return features
    }

    public func copied() -> WordEmbeddings {
        WordEmbeddings(
            words, weights: embedding.weight.value, updatesEmbeddings: updatesEmbeddings, maximumSequenceLength: maximumSequenceLength
        ).takingValues(of: self)
    }

    public func save(to folder: URL) throws {
        let module = "sentence_transformers.sentence_transformer.modules.tokenizer."
        let name = words is WhitespaceTokenizer ? "whitespace.WhitespaceTokenizer" : "word.TransformersTokenizerWrapper"
        let object: JSONObject = [
            "tokenizer_class": .string(module + name), "update_embeddings": .bool(updatesEmbeddings),
            "max_seq_length": .integer(maximumSequenceLength),
        ]
        try object.writeConfiguration(in: folder, named: Self.fileName)
        try Weights.save(namedTensors, to: folder.appendingPathComponent(WeightFiles.fileName))
        try words.save(to: folder)
    }
}

extension Substring {
    /// Without the last characters for which `isDropped` holds.
    fileprivate func trimmingSuffix(_ isDropped: (Character) -> Bool) -> Substring {
        prefix(upTo: lastIndex { !isDropped($0) }.map(index(after:)) ?? startIndex)
    }
}
