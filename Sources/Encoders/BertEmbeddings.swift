import Autodiff
import Layers
import ModelFiles

/// Word, position and type embeddings: added, normalized, dropped.
public struct BertEmbeddings: Module {
    public let words, positions, types: Embedding
    public let norm: LayerNorm
    public let dropout: Dropout

    public static let fileNames = [
        "words": "word_embeddings", "positions": "position_embeddings", "types": "token_type_embeddings",
        "norm": "LayerNorm",
    ]

    init(_ configuration: BertConfiguration, key: RandomKey?) {
        func table(_ count: Int, _ number: UInt64, padding: Int? = nil) -> Embedding {
            Embedding(count: count, width: configuration.hiddenSize, standardDeviation: configuration.initializerRange,
                      padding: padding, key: key?.folded(with: number))
        }
        words = table(configuration.vocabularySize, 0, padding: configuration.padTokenID)
        positions = table(configuration.maxPositionEmbeddings, 1)
        types = table(configuration.typeVocabularySize, 2)
        norm = LayerNorm(width: configuration.hiddenSize, epsilon: configuration.layerNormEpsilon)
        dropout = Dropout(configuration.hiddenDropout)
    }

    /// - Returns: `[T, H]`.
    func callAsFunction(_ batch: TokenBatch, in context: Context) -> Tensor {
        let ids = Tensor(scalars: batch.tokenIDs, shape: [batch.tokenCount])
        let places = Tensor(scalars: batch.positions, shape: [batch.tokenCount])
        let type = batch.typeIDs.map { types(Tensor(scalars: $0, shape: [$0.count])) } ?? types.weight.value.sliced(0..<1)
        return dropout(norm(words(ids) + positions(places) + type), in: context)
    }
}
