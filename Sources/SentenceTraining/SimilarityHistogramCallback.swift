import Reporting
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// Looks, now and then, how the cosines of matching pairs and of all others are spread.
///
/// ```swift
/// let histograms = SimilarityHistogramCallback(heldOut, every: 100)
/// try Trainer(model, loss: MultipleNegativesRankingLoss(), dataset: train, callbacks: [histograms]).train()
/// try Data(histograms.svg(title: "Similarities").utf8).write(to: URL(fileURLWithPath: "similarities.svg"))
/// ```
public final class SimilarityHistogramCallback: TrainerCallback {
    /// One for each look, in their order.
    public private(set) var histograms: [SimilarityHistogram] = []
    private let anchors, positives: [String]
    private let interval: Int

    /// - Parameters:
    ///   - pairs: A dataset whose first two columns match row by row.
    ///   - interval: Updates between two looks; there is one before the first and one after the last, too.
    ///   - rows: Rows that are looked at, at most.
    public init(_ pairs: Dataset, every interval: Int, rows: Int = 256) {
        require(pairs.columns.count >= 2, "SimilarityHistogramCallback: needs two text columns")
        require(interval > 0, "SimilarityHistogramCallback: an interval of \(interval) updates never ends")
        anchors = Array(pairs.columns[0].texts.prefix(rows))
        positives = Array(pairs.columns[1].texts.prefix(rows))
        self.interval = interval
    }

    public func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl) { look(context) }

    public func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        if context.state.globalStep % interval == 0 { look(context) }
    }

    public func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) { look(context) }

    /// All looks, below each other.
    public func svg(title: String) -> String { SimilarityHistogram.svg(title: title, histograms) }

    private func look(_ context: TrainerContext) {
        guard histograms.last?.step != context.state.globalStep else { return }
        guard let model = context.model as? SentenceTransformer else {
            refuse("SimilarityHistogramCallback: looks at sentence encoders, not at \(type(of: context.model))")
        }
        histograms.append(
            SimilarityHistogram(
                step: context.state.globalStep, anchors: model.encode(anchors), positives: model.encode(positives)))
    }
}
