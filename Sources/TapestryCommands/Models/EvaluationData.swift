import ArgumentParser
import Foundation
import Tapestry

/// Files to evaluate on: an option and a row an evaluator.
struct EvaluationData: ParsableArguments {
    @Option(help: "Two texts and a score a row: Pearson and Spearman of the similarity.") var sts: String?
    @Option(help: "Anchor, positive, negative a row: share of anchors that are closer to the positive.") var triplets: String?

    private struct Kind: Sendable {
        let option: String
        let path: @Sendable (EvaluationData) -> String?
        /// Whether a dataset's columns are meant for it.
        let fits: @Sendable (Dataset) -> Bool
        let make: @Sendable (Dataset, _ batchSize: Int) throws -> any Evaluator<SentenceTransformer>
    }

    private static let kinds = [
        Kind(option: "--sts", path: \.sts, fits: { _ in true }) { try EmbeddingSimilarityEvaluator($0, batchSize: $1) },
        Kind(option: "--triplets", path: \.triplets, fits: { $0.columns.count == 3 && $0.labels == nil }) {
            try TripletEvaluator($0, batchSize: $1)
        },
    ]

    func validate() throws {
        guard Self.kinds.allSatisfy({ $0.path(self) == nil }) else { return }
        throw ValidationError("give \(Self.kinds.map { "\($0.option) FILE" }.joined(separator: " or ")), or several")
    }

    /// With the files that were given, in order.
    func evaluators(batchSize: Int) throws -> [(path: String, evaluator: any Evaluator<SentenceTransformer>)] {
        try Self.kinds.compactMap { kind in
            try kind.path(self).map { ($0, try kind.make(Dataset(path: $0), batchSize)) }
        }
    }

    /// The last kind that a file's columns fit.
    static func evaluator(path: String) throws -> any Evaluator<SentenceTransformer> {
        let dataset = try Dataset(path: path)
        return try kinds.last { $0.fits(dataset) }!.make(dataset, 32)
    }
}
