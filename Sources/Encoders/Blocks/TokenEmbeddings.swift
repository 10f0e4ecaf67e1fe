import Autodiff
import Layers
import Requirements

/// Embeddings of words and, where there are any, of positions, types and tasks: added, normalized, dropped.
public struct TokenEmbeddings: Module {
    /// `[V, E]`.
    public let words: Embedding  // [V, E]
    /// `[P, E]`; nil: what follows knows the positions by itself.
    public private(set) var positions: Embedding?  // [P, E]
    /// `[number of types, E]`, or none.
    public let types: Embedding?  // [number of types, E]
    /// `[number of tasks, E]`, or none; every token is of task 0.
    public private(set) var tasks: Embedding?  // [number of tasks, E]
    /// From E to H, before the norm; nil: none.
    public private(set) var inputProjection: Linear?  // [H, E]
    /// Of the sum of all; nil: none.
    public let norm: (any Layer)?
    /// After the norm.
    public let dropout: Dropout
    /// From E to H, after the dropout; nil: none.
    public private(set) var projection: Linear?  // [H, E]
    /// A token id that has no place in a text: positions count from the row after it, past such tokens. Nil: from row 0,
    /// past nothing.
    public let positionPadding: Int?
    /// What word embeddings are multiplied by.
    public let scale: Double
    /// The longest sequence.
    public let maximumLength: Int

    /// - Parameters:
    ///   - vocabularySize: V.
    ///   - width: H.
    ///   - positionCount: P.
    ///   - typeCount: Number of types; 0: none.
    ///   - padding: The token whose embedding begins as zero.
    ///   - positionPadding: The id after which positions begin; nil: at 0.
    ///   - normWidth: Width of what the norm sees; H when left out.
    ///   - normEpsilon: Of the norm.
    ///   - dropout: The rate after the norm.
    ///   - standardDeviation: Of random weights.
    ///   - key: Draws the tables; without one all are zero, to be filled from a file.
    public init(
        vocabularySize: Int, width: Int, positionCount: Int, typeCount: Int = 0, padding: Int? = nil, positionPadding: Int? = nil,
        normWidth: Int? = nil, normEpsilon: Double = 1e-12, dropout: Double = 0, standardDeviation: Double = 0.02, key: RandomKey?
    ) {
        func table(_ count: Int, _ number: UInt64, padding: Int? = nil) -> Embedding {
            Embedding(
                count: count, width: width, standardDeviation: standardDeviation, padding: padding,
                key: key?.folded(with: number))
        }
        words = table(vocabularySize, 0, padding: padding)
        positions = table(positionCount, 1, padding: positionPadding)
        types = typeCount > 0 ? table(typeCount, 2) : nil
        norm = LayerNorm(width: normWidth ?? width, epsilon: normEpsilon)
        self.dropout = Dropout(dropout)
        self.positionPadding = positionPadding
        scale = 1
        maximumLength = positionCount - (positionPadding.map { $0 + 1 } ?? 0)
    }

    /// BERT's as a configuration has them, but for what another architecture says.
    ///
    /// - Parameters:
    ///   - c: The sizes.
    ///   - width: E; H when left out.
    ///   - normWidth: Width of what the norm sees; E when left out.
    ///   - positionPadding: The id after which positions begin; nil: at 0.
    ///   - key: Draws the tables; without one all are zero, to be filled from a file.
    public init(_ c: EncoderConfiguration, width: Int? = nil, normWidth: Int? = nil, positionPadding: Int? = nil, key: RandomKey?) {
        self.init(
            vocabularySize: c.vocabularySize, width: width ?? c.hiddenSize, positionCount: c.maxPositionEmbeddings,
            typeCount: c.typeVocabularySize, padding: c.padTokenID, positionPadding: positionPadding,
            normWidth: normWidth, normEpsilon: c.layerNormEpsilon, dropout: c.hiddenDropout, standardDeviation: c.initializerRange, key: key
        )
    }

    /// Embeddings of words alone.
    ///
    /// - Parameters:
    ///   - c: The sizes.
    ///   - scale: What they are multiplied by.
    ///   - norm: Of the embeddings; nil: none.
    ///   - dropout: The rate after the norm.
    ///   - maximumLength: The longest sequence.
    ///   - key: Draws the table; without one all are zero, to be filled from a file.
    public init(
        wordsOf c: EncoderConfiguration, scale: Double = 1, norm: (any Layer)? = nil, dropout: Double = 0, maximumLength: Int,
        key: RandomKey?
    ) {
        words = Embedding(
            count: c.vocabularySize, width: c.hiddenSize, standardDeviation: c.initializerRange, padding: c.padTokenID,
            key: key?.folded(with: 0))
        types = nil
        self.norm = norm
        self.dropout = Dropout(dropout)
        positionPadding = nil
        self.scale = scale
        self.maximumLength = maximumLength
    }

    /// The same without positions.
    func withoutPositions() -> TokenEmbeddings {
        var embeddings = self
        embeddings.positions = nil
        return embeddings
    }

    /// The same with embeddings of positions.
    func with(positions: Embedding) -> TokenEmbeddings {
        var embeddings = self
        embeddings.positions = positions
        return embeddings
    }

    /// The same with a vector of each task.
    func with(tasks: Embedding) -> TokenEmbeddings {
        var embeddings = self
        embeddings.tasks = tasks
        return embeddings
    }

    /// The same with a projection from E to H before the norm, or as the last.
    func with(inputProjection: Linear? = nil, projection: Linear? = nil) -> TokenEmbeddings {
        var embeddings = self
        (embeddings.inputProjection, embeddings.projection) = (inputProjection, projection)
        return embeddings
    }

    /// - Parameters:
    ///   - batch: The tokens.
    ///   - context: Training or inference.
    ///   - noise: α of the noise that is added to the word embeddings, as `EncoderTraining` says; nil: none.
    /// - Returns: `[T, H]`.
    public func callAsFunction(_ batch: TokenBatch, in context: Context, noise: Double? = nil) -> Tensor {
        var sum = words(Tensor(scalars: batch.tokenIDs, shape: [batch.tokenCount]))
        if scale != 1 { sum = sum * scale }
        if let noise {
            let width = sum.shape[1]
            let sizes = batch.offsets.lengths.flatMap { [Double](repeating: noise / Double($0 * width).squareRoot(), count: $0) }
            sum = sum + context.nextNoise(width: width, dtype: sum.dtype) * Tensor(sizes, shape: [sizes.count, 1], dtype: sum.dtype)
        }
        if let positions {
            let places = positionPadding.map { batch.positions(skipping: Int32($0)) } ?? batch.positions
            sum = sum + positions(Tensor(scalars: places, shape: [places.count]))
        }
        if let types {
            sum = sum + (batch.typeIDs.map { types(Tensor(scalars: $0, shape: [$0.count])) } ?? types.weight.value.sliced(0..<1))
        }
        if let tasks { sum = sum + tasks.weight.value.sliced(0..<1) }
        sum = inputProjection?(sum) ?? sum
        sum = dropout(norm?(sum, in: context) ?? sum, in: context)
        return projection?(sum) ?? sum
    }
}
