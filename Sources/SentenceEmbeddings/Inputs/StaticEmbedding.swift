import Autodiff
import Encoders
import Foundation
import JSON
import Layers
import ModelFiles
import Requirements
import Tokenizers

/// The mean of fixed vectors of a text's tokens, special tokens left out: fast, and of no order. A text without tokens gives zeros.
///
/// ```swift
/// let model = SentenceTransformer(StaticEmbedding(tokenizer, width: 256, key: RandomKey(1)))
/// ```
///
/// Its gradient is row-sparse: a step costs what its tokens cost, whatever the vocabulary.
public struct StaticEmbedding: InputModule {
    /// `[V, D]`: a vector for each token.
    public let embedding: Embedding
    private let pretrained: PretrainedTokenizer
    /// Longest text in tokens; there is no limit unless one is set.
    public var maximumSequenceLength = Int.max

    public static var typeName: String { ModuleKind.staticEmbedding.typeName(.version6) }

    /// Random vectors for all tokens of a tokenizer, from a normal distribution of deviation 1.
    public init(_ tokenizer: PretrainedTokenizer, width: Int, key: RandomKey) {
        embedding = Embedding(count: tokenizer.vocabularySize, width: width, standardDeviation: 1, key: key)
        pretrained = tokenizer
    }

    /// - Parameters:
    ///   - tokenizer: Its ids number the rows; traps where there are more of them.
    ///   - weights: `[V, D]`.
    public init(_ tokenizer: PretrainedTokenizer, weights: Tensor) {
        require(
            weights.rank == 2 && weights.shape[0] >= tokenizer.vocabularySize,
            "StaticEmbedding: weights of shape \(weights.shape) have no row for each of \(tokenizer.vocabularySize) tokens")
        embedding = Embedding(count: weights.shape[0], width: weights.shape[1], key: nil)
        embedding.weight.value = weights
        pretrained = tokenizer
    }

    /// Reads `tokenizer.json` and weights: a tensor `embedding.weight`, or as model2vec writes them `embeddings`, whose rows `mapping`
    /// chooses and `weights` scales where they are there.
    ///
    /// - Throws: `ModelFileError` or `TokenizerError` with file and place.
    public init(folder: URL) throws {
        let tokenizer = try PretrainedTokenizer(directory: folder)
        let files = try WeightFiles(folder: folder)
        let weights = try Self.table(files)
        guard weights.rank == 2, weights.dtype.isFloatingPoint, weights.shape[0] >= tokenizer.vocabularySize else {
            throw ModelFileError(
                .malformed, file: files.url.path,
                problem: "a row is needed for each of \(tokenizer.vocabularySize) tokens, but the embeddings have shape \(weights.shape)")
        }
        self.init(tokenizer, weights: weights)
    }

    private static func table(_ files: WeightFiles) throws -> Tensor {
        guard files["embeddings"] != nil, files["embedding.weight"] == nil else {
            return try files.tensor("embedding.weight", isExclusive: true)
        }
        var rows = try files.tensor("embeddings", isExclusive: true)
        func misfit(_ name: String, _ problem: String) -> ModelFileError {
            ModelFileError(.malformed, file: files.url.path, place: name, problem: problem)
        }
        guard rows.rank == 2 else { throw misfit("embeddings", "a matrix is needed, not shape \(rows.shape)") }
        if files["mapping"] != nil {
            let numbers = try files.tensor("mapping").values
            guard numbers.allSatisfy({ $0 >= 0 && $0 < Double(rows.shape[0]) && $0 == $0.rounded() }) else {
                throw misfit("mapping", "every number must be one of \(rows.shape[0]) rows, from 0")
            }
            rows = rows.gatheringRows(at: Tensor(indices: numbers.map { Int($0) }))
        }
        if files["weights"] != nil {
            let weights = try files.tensor("weights").cast(to: rows.dtype)
            guard weights.count == rows.shape[0] else {
                throw misfit("weights", "\(rows.shape[0]) are needed, one a token, but there are \(weights.count)")
            }
            rows = rows * weights.reshaped([-1, 1])
        }
        return rows
    }

    public func tokenizer(for task: String?) -> any Tokenizer { pretrained }
    public func tokenize(_ text: String, for task: String?) -> [Int32] {
        let ids = pretrained.encodeWithoutSpecialTokens(text)
        return ids.count > maximumSequenceLength ? Array(ids.prefix(maximumSequenceLength)) : ids
    }

    private var width: Int { embedding.weight.shape[1] }
    public func outputDimension(of inputDimension: Int?) -> Int? { width }
    public var summary: String { "\(embedding.weight.shape[0]) tokens, width \(width)" }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        let (ids, offsets) = (features.batch.tokenIDs, features.batch.offsets)
        features.sentenceEmbedding = embedding.weight.value.segmentMeans(
            ofRowsAt: Tensor(scalars: ids, shape: [ids.count]), offsets: offsets)
        return features
    }

    public func copied() -> StaticEmbedding {
        var copy = StaticEmbedding(pretrained, weights: embedding.weight.value)
        copy.maximumSequenceLength = maximumSequenceLength
        return copy.takingValues(of: self)
    }

    public func save(to folder: URL) throws {
        try Weights.save(namedTensors, to: folder.appendingPathComponent(WeightFiles.fileName))
        try pretrained.save(to: folder)
    }
}
