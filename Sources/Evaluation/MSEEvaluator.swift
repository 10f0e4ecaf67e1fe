import Autodiff
import Foundation
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// How far a student's embeddings are from a teacher's: `negative_mse`, minus a hundred times the mean squared difference of
/// all numbers, for the teacher on the source sentences and the student on the target sentences.
public struct MSEEvaluator: ConfidenceEvaluator {
    /// `[N, D]`: the teacher's, computed once.
    public let teacherEmbeddings: Tensor
    /// What the student embeds: translations of the source sentences, or these themselves.
    public let targetSentences: [String]
    public var name: String
    /// Sentences that are embedded together.
    public var batchSize: Int
    /// Keeps the first so many numbers of both; nil: what the models say.
    public let truncateDimension: Int?
    public var confidence = false
    /// Whether it appends its metric to a file.
    public var writesCSV: Bool

    /// Sentences for the teacher, and as many for the student. Traps where they differ in number, or there are none. The teacher
    /// embeds its own here, once.
    public init(
        sourceSentences: [String], targetSentences: [String], teacher: SentenceTransformer, name: String = "", batchSize: Int = 32,
        truncateDimension: Int? = nil, writesCSV: Bool = true
    ) {
        require(
            sourceSentences.count == targetSentences.count && !sourceSentences.isEmpty,
            "MSEEvaluator: \(sourceSentences.count) source sentences, \(targetSentences.count) target sentences")
        teacherEmbeddings = teacher.encode(sourceSentences, batchSize: batchSize, truncateDimension: truncateDimension)
        (self.targetSentences, self.name, self.batchSize) = (targetSentences, name, batchSize)
        (self.truncateDimension, self.writesCSV) = (truncateDimension, writesCSV)
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? { named(["negative_mse"]) }

    /// - Throws: ``EvaluationError`` where the widths of teacher and student differ.
    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let student = model.encode(targetSentences, batchSize: batchSize, truncateDimension: truncateDimension)
        guard student.shape == teacherEmbeddings.shape else {
            throw EvaluationError(
                "MSEEvaluator: the teacher's embeddings have \(teacherEmbeddings.shape[1]) numbers, the student's "
                    + "\(student.shape[1]); give both models one width, or a truncateDimension that both have")
        }
        let squares = (teacherEmbeddings.cast(to: .float64) - student.cast(to: .float64)).square()
        let mse = 100 * squares.mean().item
        if let outputPath, writesCSV {
            // The second underscore is there without a name, too.
            let file = ResultsFile(name: "mse_evaluation_\(name)_results.csv", columns: ["MSE"])
            try file.append([mse], epoch: epoch, steps: steps, in: outputPath)
        }
        let rows = squares.mean(alongAxis: 1).values
        let intervals = confidence ? Bootstrap.intervals(rowCount: rows.count) { [-100 * rows.mean(of: $0)] } : []
        return named([("negative_mse", -mse)], intervals: intervals, primary: "negative_mse")
    }
}
