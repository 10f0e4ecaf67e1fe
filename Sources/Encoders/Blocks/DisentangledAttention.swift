import Autodiff
import Layers

/// The vectors of relative positions, which all layers of a DeBERTa share.
public struct RelativePositions: Module {
    /// `[2N, H]`.
    public let table: Embedding  // [2N, H]
    /// Of the table's rows; nil: none.
    public let norm: LayerNorm?
    /// Of the table's rows in training.
    public let dropout: Dropout
    /// Which row a relative position takes.
    public let buckets: DistanceBuckets

    /// Vectors for the buckets of a rule, with the norm, the dropout and random weights of a configuration.
    public init(_ buckets: DistanceBuckets, hasNorm: Bool, _ c: EncoderConfiguration, key: RandomKey?) {
        table = Embedding(count: buckets.count, width: c.hiddenSize, standardDeviation: c.initializerRange, key: key)
        norm = hasNorm ? LayerNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon) : nil
        dropout = Dropout(c.hiddenDropout)
        self.buckets = buckets
    }

    /// `[2N, H]`.
    public func callAsFunction(in context: Context) -> Tensor {
        let rows = table.weight.value
        return dropout(norm?(rows) ?? rows, in: context.addressing(nil))
    }

    /// The terms of attention scores that projections of the vectors give.
    func terms(keys: Linear?, queries: Linear?, in context: Context) -> PositionProjections? {
        if keys == nil && queries == nil { return nil }
        let rows = self(in: context)
        return PositionProjections(keys: keys?(rows), queries: queries?(rows), buckets: buckets)
    }
}

/// Disentangled self-attention (DeBERTa-v2 and v3: He et al. 2021, arXiv:2006.03654): what tokens hold and how far apart they stand
/// are scored apart.
public struct DisentangledAttention: TokenLayer {
    /// The projections of tokens.
    public let query, key, value, output: Linear  // [H, H] each
    /// Projections of the relative positions; nil: those of keys and queries, or none.
    public let positionKey, positionQuery: Linear?  // [H, H] each
    /// Shared by all layers; nil: plain attention.
    public let relative: RelativePositions?
    private let headCount: Int
    private let scoreDropout: Double
    private let terms: Set<String>

    /// - Parameters:
    ///   - c: The sizes.
    ///   - terms: `c2p`, products of queries and positions; `p2c`, of keys and positions.
    ///   - sharesProjections: Whether the projections of keys and queries serve positions, too.
    ///   - relative: Shared by all layers; nil: plain attention.
    ///   - random: Draws the weights; without one all are zero, to be filled from a file.
    public init(
        _ c: EncoderConfiguration, terms: Set<String>, sharesProjections: Bool, relative: RelativePositions?, key random: RandomKey?
    ) {
        func projection(_ number: UInt64) -> Linear {
            Linear(
                inputWidth: c.hiddenSize, outputWidth: c.hiddenSize, standardDeviation: c.initializerRange,
                key: random?.folded(with: number))
        }
        (query, key, value, output) = (projection(0), projection(1), projection(2), projection(3))
        let hasOwn = relative != nil && !sharesProjections
        positionKey = hasOwn && terms.contains("c2p") ? projection(4) : nil
        positionQuery = hasOwn && terms.contains("p2c") ? projection(5) : nil
        self.relative = relative
        (headCount, scoreDropout, self.terms) = (c.attentionHeadCount, c.attentionDropout, terms)
    }

    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        let positions = relative?.terms(
            keys: terms.contains("c2p") ? positionKey ?? key : nil, queries: terms.contains("p2c") ? positionQuery ?? query : nil,
            in: context)
        let scale = 1 / Double(x.shape[1] / headCount * (1 + terms.count)).squareRoot()
        return output(
            .raggedAttention(
                queries: query(x), keys: key(x), values: value(x), offsets: batch.offsets, headCount: headCount,
                scores: AttentionScores(scale: scale, positions: positions),
                dropout: context.nextDropoutMask(rate: scoreDropout), samples: batch.samples))
    }
}

/// The disentangled self-attention of the first DeBERTa: one projection for queries, keys and values, head by head.
public struct JoinedDisentangledAttention: TokenLayer {
    /// For each head, the rows of queries, then keys, then values.
    public let projection: Linear  // [3H, H]
    /// Of queries and values.
    public let queryBias, valueBias: Parameter  // [H] each
    /// Projections of the relative positions.
    public let positionKey, positionQuery: Linear?  // [H, H] each
    /// Of the result.
    public let output: Linear  // [H, H]
    /// Shared by all layers; nil: plain attention.
    public let relative: RelativePositions?
    private let headCount: Int
    private let scoreDropout: Double
    private let termCount: Int

    /// - Parameters:
    ///   - c: The sizes.
    ///   - terms: `c2p`, products of queries and positions; `p2c`, of keys and positions.
    ///   - relative: Shared by all layers; nil: plain attention.
    ///   - key: Draws the weights; without one all are zero, to be filled from a file.
    public init(_ c: EncoderConfiguration, terms: Set<String>, relative: RelativePositions?, key: RandomKey?) {
        let width = c.hiddenSize
        func linear(_ outputWidth: Int, hasBias: Bool, _ number: UInt64) -> Linear {
            Linear(
                inputWidth: width, outputWidth: outputWidth, hasBias: hasBias, standardDeviation: c.initializerRange,
                key: key?.folded(with: number))
        }
        projection = linear(3 * width, hasBias: false, 0)
        queryBias = Parameter(.zeros([width]))
        valueBias = Parameter(.zeros([width]))
        positionKey = relative != nil && terms.contains("c2p") ? linear(width, hasBias: false, 1) : nil
        positionQuery = relative != nil && terms.contains("p2c") ? linear(width, hasBias: true, 2) : nil
        output = linear(width, hasBias: true, 3)
        self.relative = relative
        (headCount, scoreDropout, termCount) = (c.attentionHeadCount, c.attentionDropout, terms.count)
    }

    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        let (count, width) = (x.shape[0], x.shape[1]), headWidth = width / headCount
        let parts = projection(x).reshaped([count * headCount, 3 * headWidth])
            .split(lengths: [headWidth, headWidth, headWidth], alongAxis: 1).map { $0.reshaped([count, width]) }
        let scale = 1 / Double(headWidth * (1 + termCount)).squareRoot()
        return output(
            .raggedAttention(
                queries: parts[0] + queryBias.value.reshaped([1, -1]), keys: parts[1],
                values: parts[2] + valueBias.value.reshaped([1, -1]), offsets: batch.offsets, headCount: headCount,
                scores: AttentionScores(
                    scale: scale, positions: relative?.terms(keys: positionKey, queries: positionQuery, in: context)),
                dropout: context.nextDropoutMask(rate: scoreDropout), samples: batch.samples))
    }
}
