import Foundation
import Tapestry

/// The share of texts whose nearest neighbor among known ones has their label: `neighbor_accuracy`.
public struct NearestNeighborEvaluator: Evaluator {
    private let known, texts: Dataset
    public let name = "neighbor"

    /// - Parameters:
    ///   - texts: Single texts with labels.
    ///   - known: The same, with texts to find neighbors among.
    public init(_ texts: Dataset, among known: Dataset) {
        self.texts = texts
        self.known = known
    }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let similarities = model.similarity(model.encode(texts.columns[0].texts), model.encode(known.columns[0].texts))
        let expected = texts.labels?.values ?? [], labels = known.labels?.values ?? []
        let right = zip(similarities.argmax().values, expected).count { labels[Int($0)] == $1 }
        let metric = "\(name)_accuracy"
        return EvaluationResult(metrics: [(metric, Double(right) / Double(texts.rowCount))], primaryMetric: metric)
    }
}
