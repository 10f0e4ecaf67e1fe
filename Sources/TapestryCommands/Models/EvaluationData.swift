import Foundation
import Tapestry

/// A file to evaluate on: two texts and a score, or triplets.
struct EvaluationData {
    let dataset: Dataset

    init(path: String) throws {
        dataset = try Dataset(contentsOf: URL(fileURLWithPath: path))
    }

    func evaluator() throws -> any Evaluator<SentenceTransformer> {
        if dataset.columns.count == 3 && dataset.labels == nil { return try TripletEvaluator(dataset, batchSize: 32) }
        return try EmbeddingSimilarityEvaluator(dataset, batchSize: 32)
    }
}
