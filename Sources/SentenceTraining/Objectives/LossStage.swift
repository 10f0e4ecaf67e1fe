import Autodiff
import Encoders
import Layers
import Losses
import SentenceEmbeddings

/// What stands between a model and a loss: which embeddings the loss asks for, and how they reach it.
public struct LossStage {
    private let loss: any Loss
    private let batch: TrainingBatch
    private let sides: SideInputs
    private let key: RandomKey?

    /// - Parameters:
    ///   - loss: The loss.
    ///   - batch: The batch that it is taken of.
    ///   - key: Of this update; nil in evaluation.
    public init(_ loss: any Loss, _ batch: TrainingBatch, key: RandomKey?) {
        self.loss = loss
        self.batch = batch
        self.key = key?.folded(with: 0x6c6f_7373)  // apart from the keys of dropout
        sides = loss.sideInputs(for: batch.texts)
    }

    /// `[N, D]` for N sequences; the embeddings of every layer, `[N, D]` each, where the loss asks for them.
    public func embeddings(of tokens: TokenBatch, by model: SentenceTransformer, in context: Context) -> [Tensor] {
        if loss.needsEveryLayer { return model.layerEmbeddings(tokens, in: context) }
        if context.mode == .training { return [model(tokens, in: context).requiredSentenceEmbedding] }
        let (embeddings, places) = model.distinctEmbeddings(of: tokens.contents, batchSize: tokens.count)
        return [embeddings.gatheringRows(at: Tensor(indices: places))]
    }

    /// The last layer's embeddings by column, `[B, D]` each, as constants.
    func columns(of layers: [Tensor]) -> [Tensor] {
        layers.last!.detached().split(lengths: [Int](repeating: batch.rowCount, count: batch.columnCount))
    }

    /// The loss of the batch's embeddings: `[C B, D]`, column after column, for each layer that was asked for.
    public func value(of layers: [Tensor]) -> LossValue {
        let columns = layers.map { $0.split(lengths: [Int](repeating: batch.rowCount, count: batch.columnCount)) }
        return loss(
            LossBatch(
                columns.last!, labels: batch.labels, sides: sides.cast(to: layers[0].dtype), layers: loss.needsEveryLayer ? columns : [],
                key: key)
        ).checked(of: loss.name)
    }
}
