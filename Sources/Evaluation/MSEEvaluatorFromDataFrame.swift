import Autodiff
import Foundation
import SentenceEmbeddings
import Training

/// How far a student's embeddings of translations are from a teacher's of the originals, over several pairs of languages:
/// `negative_mse`, minus the mean over the pairs of a hundred times the mean squared difference.
public struct MSEEvaluatorFromDataFrame: Evaluator {
    /// A language of the originals, and one of the translations.
    public struct Combination: Sendable, Hashable {
        /// The language that the teacher embeds, and the one that the student does.
        public let source, target: String

        /// Two languages by the keys of the rows.
        public init(_ source: String, _ target: String) { (self.source, self.target) = (source, target) }
    }

    /// The evaluator of each pair of languages, without a file of its own.
    private let parts: [(combination: Combination, evaluator: MSEEvaluator)]
    public let name: String
    /// Whether it appends its metrics to a file.
    public var writesCSV: Bool

    /// - Parameters:
    ///   - rows: A sentence by each language, as far as there is one.
    ///   - teacher: Embeds the source sentences here, once.
    ///   - combinations: Of the languages; a row counts where it has a sentence of both.
    ///   - name: Goes before the metric's name.
    ///   - batchSize: Sentences that are embedded together.
    ///   - truncateDimension: Keeps the first so many numbers of both; nil: what the models say.
    ///   - writesCSV: Whether it appends its metrics to a file.
    /// - Throws: ``EvaluationError`` for a combination without a row, and where there is no combination.
    public init(
        rows: [[String: String]], teacher: SentenceTransformer, combinations: [Combination], name: String = "", batchSize: Int = 8,
        truncateDimension: Int? = nil, writesCSV: Bool = true
    ) throws {
        guard !combinations.isEmpty else { throw EvaluationError("MSEEvaluatorFromDataFrame: needs at least one pair of languages") }
        func sentence(_ language: String, _ row: [String: String]) -> String? {
            row[language].flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
        }
        parts = try combinations.map { combination in
            let pairs = rows.compactMap { row in
                sentence(combination.source, row).flatMap { source in sentence(combination.target, row).map { (source, $0) } }
            }
            guard !pairs.isEmpty else {
                throw EvaluationError(
                    "MSEEvaluatorFromDataFrame: no row has both \(combination.source) and \(combination.target); the languages are "
                        + Set(rows.flatMap(\.keys)).sorted().joined(separator: ", "))
            }
            let evaluator = MSEEvaluator(
                sourceSentences: pairs.map(\.0), targetSentences: pairs.map(\.1), teacher: teacher, batchSize: batchSize,
                truncateDimension: truncateDimension, writesCSV: false)
            return (combination, evaluator)
        }
        (self.name, self.writesCSV) = (name, writesCSV)
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? { named(["negative_mse"]) }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let errors = try parts.map { -(try $0.evaluator(model).primaryValue) }
        if let outputPath, writesCSV {
            let file = ResultsFile(
                "mse_evaluation", of: name, columns: parts.map { "\($0.combination.source)-\($0.combination.target)" })
            try file.append(errors, epoch: epoch, steps: steps, in: outputPath)
        }
        return named([("negative_mse", -errors.reduce(0, +) / Double(errors.count))], primary: "negative_mse")
    }
}
