import Autodiff
import Encoders
import Layers
import Losses
import Options
import SentenceEmbeddings
import Training

/// Any loss on a batch of any size, at the memory of a mini-batch (GradCache, Gao et al. 2021, arXiv:2101.06983).
///
/// The batch is embedded in mini-batches without recording; the loss is differentiated by the embeddings alone; then
/// each mini-batch is embedded again, recorded, and pulled back from its part of those gradients. Value and gradients
/// are those of the loss itself: a sample draws the same dropout in any mini-batch and in both passes.
///
/// ```swift
/// let objective = Cached(Matryoshka(MultipleNegativesRankingLoss(), dimensions: [384, 64]), miniBatchSize: 32)
/// ```
public struct Cached: EmbeddingObjective, MiniBatchedObjective {
    public var loss: any Loss
    /// Sequences that are embedded together.
    public var miniBatchSize: Int
    /// Tokens that are embedded together, instead: as many sequences as hold so many at most, and at least one.
    public var miniBatchTokens: Int?

    /// A loss with the size of its mini-batches, in sequences or in tokens.
    public init(_ loss: any Loss, miniBatchSize: Int = 32, miniBatchTokens: Int? = nil) {
        self.loss = loss
        self.miniBatchSize = miniBatchSize
        self.miniBatchTokens = miniBatchTokens
    }

    public func replacing(miniBatchSize: Int, miniBatchTokens: Int?) -> Cached {
        Cached(loss, miniBatchSize: miniBatchSize, miniBatchTokens: miniBatchTokens)
    }

    public var name: String { "Cached" + loss.name }
    public var configuration: [(key: String, value: String)] { loss.configuration + optionValues }
    public var citation: String? {
        let own = Citations.arXiv(
            "gao2021scaling", title: "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup",
            author: "Luyu Gao and Yunyi Zhang and Jiawei Han and Jamie Callan", year: 2021, eprint: "2101.06983")
        return [loss.citation, own].compactMap { $0 }.joined(separator: "\n\n")
    }
    public func check(_ setting: LossSetting) throws {
        try checkOptions(of: name)
        try loss.validate(setting)
    }

    public func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult {
        let stage = LossStage(loss, batch, key: key)
        let parts = miniBatches(of: batch.tokens).map { ($0, batch.tokens.sequences($0)) }
        func embed(_ tokens: TokenBatch) -> [Tensor] { stage.embeddings(of: tokens, by: model, in: .training(key: key)) }

        // The loss by the embeddings: [C B, L · D], the layers side by side.
        let layers = transposed(parts.map { embed($0.1) }).map { Tensor.concatenating($0) }
        var value: LossValue?
        let leaves = layers.map { Parameter($0) }
        let (_, gradients) = try Layers.valueAndGradients(
            of: leaves + parameters.map(\.parameter), detectingAnomalies: detectingAnomalies
        ) {
            let found = stage.value(of: leaves.map(\.value))
            value = found.detached()
            return found.total
        }
        var total = Gradients(parameters.map(\.parameter), parameters.map { gradients[$0.parameter] })
        // A loss that depends on no embedding has nothing to pull back.
        guard leaves.contains(where: { gradients[$0] != nil }) else {
            return ObjectiveResult(value!, total, embeddings: stage.columns(of: layers))
        }
        let cotangent = Tensor.concatenating(leaves.map { gradients[$0]?.tensor ?? .zeros($0.shape, dtype: $0.value.dtype) }, alongAxis: 1)

        // Back through each mini-batch.
        for (range, tokens) in parts {
            let (_, found) = try vectorJacobianProduct(of: model.parameters, detectingAnomalies: detectingAnomalies) {
                (.concatenating(embed(tokens), alongAxis: 1), cotangent.sliced(range))
            }
            total.add(found)
        }
        return ObjectiveResult(value!, total, embeddings: stage.columns(of: layers))
    }

    public func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue {
        let stage = LossStage(loss, batch, key: nil)
        let parts = miniBatches(of: batch.tokens).map { stage.embeddings(of: batch.tokens.sequences($0), by: model, in: .inference) }
        return stage.value(of: transposed(parts).map { .concatenating($0) })
    }

    /// Runs of sequences, each embedded together.
    private func miniBatches(of tokens: TokenBatch) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var (start, size) = (0, 0)
        for (index, length) in tokens.offsets.lengths.enumerated() {
            let isFull = miniBatchTokens.map { size + length > $0 } ?? (index - start == miniBatchSize)
            if isFull && index > start {
                runs.append(start..<index)
                (start, size) = (index, 0)
            }
            size += length
        }
        return runs + [start..<tokens.count]
    }

    /// Mini-batches of layers as layers of mini-batches.
    private func transposed(_ parts: [[Tensor]]) -> [[Tensor]] {
        parts[0].indices.map { layer in parts.map { $0[layer] } }
    }
}

// By the names that the field knows. Any other loss is cached as well: `Cached(CoSENTLoss())`.

/// `Cached(MultipleNegativesRankingLoss())`.
public func CachedMultipleNegativesRankingLoss(
    _ loss: MultipleNegativesRankingLoss = MultipleNegativesRankingLoss(), miniBatchSize: Int = 32, miniBatchTokens: Int? = nil
) -> Cached { Cached(loss, miniBatchSize: miniBatchSize, miniBatchTokens: miniBatchTokens) }

/// `Cached(MultipleNegativesSymmetricRankingLoss())`.
public func CachedMultipleNegativesSymmetricRankingLoss(
    _ loss: MultipleNegativesRankingLoss = MultipleNegativesSymmetricRankingLoss(), miniBatchSize: Int = 32, miniBatchTokens: Int? = nil
) -> Cached { Cached(loss, miniBatchSize: miniBatchSize, miniBatchTokens: miniBatchTokens) }

/// `Cached(GISTEmbedLoss(guide: guide))`.
public func CachedGISTEmbedLoss(guide: any Guide, miniBatchSize: Int = 32, miniBatchTokens: Int? = nil) -> Cached {
    Cached(GISTEmbedLoss(guide: guide), miniBatchSize: miniBatchSize, miniBatchTokens: miniBatchTokens)
}

/// Without caching there are no mega-batches, so this one is usual.
public func CachedMegaBatchMarginLoss(
    _ loss: MegaBatchMarginLoss = MegaBatchMarginLoss(), miniBatchSize: Int = 50, miniBatchTokens: Int? = nil
) -> Cached { Cached(loss, miniBatchSize: miniBatchSize, miniBatchTokens: miniBatchTokens) }
