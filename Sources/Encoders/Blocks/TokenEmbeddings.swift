import Autodiff
import Layers

/// Word, position and, where there are any, type embeddings: added, normalized, dropped.
public struct TokenEmbeddings: Module {
    /// `[V, H]` and `[P, H]`.
    public let words, positions: Embedding  // [V, H], [P, H]
    /// `[number of types, H]`, or none.
    public let types: Embedding?  // [number of types, H]
    /// Of the sum of all three.
    public let norm: LayerNorm
    /// After the norm.
    public let dropout: Dropout
    /// A token id that has no place in a text: positions count from the row after it, past such tokens. Nil: from row 0,
    /// past nothing.
    public let positionPadding: Int?

    /// - Parameters:
    ///   - vocabularySize: V.
    ///   - width: H.
    ///   - positionCount: P.
    ///   - typeCount: Number of types; 0: none.
    ///   - padding: The token whose embedding begins as zero.
    ///   - positionPadding: The id after which positions begin; nil: at 0.
    ///   - normEpsilon: Of the norm.
    ///   - dropout: The rate after the norm.
    ///   - standardDeviation: Of random weights.
    ///   - key: Draws the tables; without one all are zero, to be filled from a file.
    public init(
        vocabularySize: Int, width: Int, positionCount: Int, typeCount: Int = 0, padding: Int? = nil, positionPadding: Int? = nil,
        normEpsilon: Double = 1e-12, dropout: Double = 0, standardDeviation: Double = 0.02, key: RandomKey?
    ) {
        func table(_ count: Int, _ number: UInt64, padding: Int? = nil) -> Embedding {
            Embedding(
                count: count, width: width, standardDeviation: standardDeviation, padding: padding,
                key: key?.folded(with: number))
        }
        words = table(vocabularySize, 0, padding: padding)
        positions = table(positionCount, 1, padding: positionPadding)
        types = typeCount > 0 ? table(typeCount, 2) : nil
        norm = LayerNorm(width: width, epsilon: normEpsilon)
        self.dropout = Dropout(dropout)
        self.positionPadding = positionPadding
    }

    /// The longest sequence that has a position for each token.
    public var maximumLength: Int { positions.weight.shape[0] - (positionPadding.map { $0 + 1 } ?? 0) }

    /// - Parameters:
    ///   - batch: The tokens.
    ///   - context: Training or inference.
    ///   - noise: α of the noise that is added to the word embeddings, as `EncoderTraining` says; nil: none.
    /// - Returns: `[T, H]`.
    public func callAsFunction(_ batch: TokenBatch, in context: Context, noise: Double? = nil) -> Tensor {
        let places = positionPadding.map { batch.positions(skipping: Int32($0)) } ?? batch.positions
        var words = words(Tensor(scalars: batch.tokenIDs, shape: [batch.tokenCount]))
        if let noise {
            let width = words.shape[1]
            let sizes = batch.offsets.lengths.flatMap { [Double](repeating: noise / Double($0 * width).squareRoot(), count: $0) }
            words =
                words + context.nextNoise(width: width, dtype: words.dtype) * Tensor(sizes, shape: [sizes.count, 1], dtype: words.dtype)
        }
        var sum =
            words
            + positions(Tensor(scalars: places, shape: [places.count]))
        if let types {
            sum = sum + (batch.typeIDs.map { types(Tensor(scalars: $0, shape: [$0.count])) } ?? types.weight.value.sliced(0..<1))
        }
        return dropout(norm(sum), in: context)
    }
}
