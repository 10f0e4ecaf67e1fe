import Tapestry

// Objectives that are wrong in ways in which objectives have been wrong.

/// Gradient caching, by hand.
struct HandmadeCache: EmbeddingObjective, MiniBatchedObjective {
    enum Fault { case keepsTheLastMiniBatch, drawsOtherDropout, cutsLabels }

    let loss: any Loss
    let fault: Fault?
    var miniBatchSize = 2

    func replacing(miniBatchSize: Int, miniBatchTokens: Int?) -> HandmadeCache {
        HandmadeCache(loss: loss, fault: fault, miniBatchSize: miniBatchSize)
    }

    func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult {
        var batch = batch
        if fault == .cutsLabels, let labels = batch.labels {
            // The first mini-batch's labels for every mini-batch.
            batch = TrainingBatch(
                tokens: batch.tokens, texts: batch.texts,
                labels: labels.gatheringRows(at: (0..<batch.rowCount).map { $0 % miniBatchSize }))
        }
        let stage = LossStage(loss, batch, key: key)
        let count = batch.tokens.count
        let ranges = stride(from: 0, to: count, by: miniBatchSize).map { $0..<min($0 + miniBatchSize, count) }
        func embed(_ range: Range<Int>, _ key: RandomKey) -> Tensor {
            stage.embeddings(of: batch.tokens.sequences(range), by: model, in: .training(key: key)).last!
        }
        let leaf = Parameter(.concatenating(ranges.map { embed($0, key) }))
        let (value, gradients) = Layers.valueAndGradients(of: [leaf]) { stage.value(of: [leaf.value]).total }
        var total: Gradients?
        for range in ranges {
            let (_, found) = try vectorJacobianProduct(of: model.parameters) {
                (embed(range, fault == .drawsOtherDropout ? key.folded(with: 1) : key), gradients[leaf]!.tensor.sliced(range))
            }
            if total == nil || fault == .keepsTheLastMiniBatch { total = found } else { total!.add(found) }
        }
        return ObjectiveResult(LossValue(value), total!)
    }

    func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue { LossObjective(loss).value(model, batch) }
}

/// The mean of the losses of mini-batches, each with its own negatives only.
struct AveragedMiniBatches: EmbeddingObjective, MiniBatchedObjective {
    let loss: any Loss
    var miniBatchSize = 2

    func replacing(miniBatchSize: Int, miniBatchTokens: Int?) -> AveragedMiniBatches {
        AveragedMiniBatches(loss: loss, miniBatchSize: miniBatchSize)
    }

    func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult {
        let rows = batch.rowCount
        let parts = stride(from: 0, to: rows, by: miniBatchSize).map { Array($0..<min($0 + miniBatchSize, rows)) }
        var (value, total) = (0.0, Gradients([], []))
        for part in parts {
            let result = try LossObjective(loss).valueAndGradients(model, batch.rows(part), key: key, detectingAnomalies: false)
            value += result.loss / Double(parts.count)
            total.add(result.gradients.scaled(by: 1 / Double(parts.count)))
        }
        return ObjectiveResult(LossValue(Tensor(value, dtype: .float64)), total)
    }

    func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue { LossObjective(loss).value(model, batch) }
}

/// An objective that does something to the batch or to the embeddings before the loss.
struct Meddler: EmbeddingObjective {
    enum Fault {
        /// Long texts come first, without their labels.
        case sortsTextsOnly
        /// Sums over tokens are divided by the longest text's length.
        case meanOverPadding
    }

    let loss: any Loss
    let fault: Fault?

    func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult {
        var batch = batch
        if fault == .sortsTextsOnly {
            let order = (0..<batch.rowCount).sorted { batch.texts[0][$0].utf8.count > batch.texts[0][$1].utf8.count }
            let sorted = batch.rows(order)
            batch = TrainingBatch(tokens: sorted.tokens, texts: sorted.texts, labels: batch.labels)
        }
        let stage = LossStage(loss, batch, key: key)
        let lengths = batch.tokens.offsets.lengths.map(Double.init)
        let shares = Tensor(lengths.map { $0 / lengths.max()! }, shape: [lengths.count, 1], dtype: .float64)
        let (value, gradients) = Layers.valueAndGradients(of: model.parameters) {
            let embeddings = stage.embeddings(of: batch.tokens, by: model, in: .training(key: key)).last!
            return stage.value(of: [fault == .meanOverPadding ? embeddings * shares : embeddings]).total
        }
        return ObjectiveResult(LossValue(value), gradients)
    }

    func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue { LossObjective(loss).value(model, batch) }
}

/// A wrapper that does not pass on what its loss would train.
struct ForgetfulWrapper: EmbeddingObjective {
    let loss: any Loss
    let forgets: Bool
    var parameters: [NamedParameter] { forgets ? [] : loss.parameters }

    func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult {
        let stage = LossStage(loss, batch, key: key)
        let (value, gradients) = Layers.valueAndGradients(of: model.parameters + parameters.map(\.parameter)) {
            stage.value(of: stage.embeddings(of: batch.tokens, by: model, in: .training(key: key))).total
        }
        return ObjectiveResult(LossValue(value), gradients)
    }

    func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue { LossObjective(loss).value(model, batch) }
}

extension Tensor {
    func gatheringRows(at numbers: [Int]) -> Tensor {
        reshaped([shape[0], -1]).gatheringRows(at: Tensor(indices: numbers)).reshaped([numbers.count] + shape.dropFirst())
    }
}
