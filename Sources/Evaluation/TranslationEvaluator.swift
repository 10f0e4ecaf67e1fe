import Autodiff
import Foundation
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// How often the translation of a sentence is the closest of all, by cosine: `src2trg_accuracy`, `trg2src_accuracy`, and
/// their mean, `mean_accuracy`.
///
/// Another sentence with the same text is right, too.
public struct TranslationEvaluator: ConfidenceEvaluator {
    /// Sentences and their translations.
    public let sourceSentences, targetSentences: [String]
    public var name: String
    /// Sentences that are embedded together.
    public var batchSize: Int
    /// Keeps the first so many numbers; nil: what the model says.
    public var truncateDimension: Int?
    public var confidence = false
    /// Whether it appends its metrics to a file.
    public var writesCSV: Bool

    /// Sentences and their translations. Traps where they differ in number, or there are none.
    public init(
        sourceSentences: [String], targetSentences: [String], name: String = "", batchSize: Int = 16,
        truncateDimension: Int? = nil, writesCSV: Bool = true
    ) {
        require(
            sourceSentences.count == targetSentences.count && !sourceSentences.isEmpty,
            "TranslationEvaluator: \(sourceSentences.count) source sentences, \(targetSentences.count) target sentences")
        (self.sourceSentences, self.targetSentences, self.name) = (sourceSentences, targetSentences, name)
        (self.batchSize, self.truncateDimension, self.writesCSV) = (batchSize, truncateDimension, writesCSV)
    }

    /// Takes the two text columns of a dataset.
    ///
    /// - Throws: `DatasetError` when there are not two, or when they hold no texts.
    public init(_ dataset: Dataset, name: String = "", batchSize: Int = 16) throws {
        try dataset.requireTexts("two", ["source", "target"], for: "evaluation of translations")
        self.init(
            sourceSentences: Array(dataset.columns[0].texts), targetSentences: Array(dataset.columns[1].texts), name: name,
            batchSize: batchSize)
    }

    private static let metrics = ["src2trg_accuracy", "trg2src_accuracy", "mean_accuracy"]

    public func metricNames(for model: SentenceTransformer) -> [String]? { named(Self.metrics) }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let (source, target) = model.encodeTogether(
            sourceSentences, targetSentences, batchSize: batchSize, truncateDimension: truncateDimension)
        let found = [hits(source, target, texts: targetSentences), hits(target, source, texts: sourceSentences)]
        func figures(_ rows: some Collection<Int>) -> [Double] {
            let (there, back) = (found[0].mean(of: rows), found[1].mean(of: rows))
            return [there, back, (there + back) / 2]
        }
        let all = figures(found[0].indices)
        if let outputPath, writesCSV {
            let file = ResultsFile("translation_evaluation", of: name, columns: ["src2trg", "trg2src"])
            try file.append(Array(all.prefix(2)), epoch: epoch, steps: steps, in: outputPath)
        }
        return named(
            zip(Self.metrics, all).map { (key: $0, value: $1) },
            intervals: confidence ? Bootstrap.intervals(rowCount: found[0].count) { figures($0) } : [], primary: "mean_accuracy")
    }

    /// 1 for each row whose own text, or one that equals it, is the closest.
    ///
    /// - Parameter texts: Those of `b`.
    func hits(_ a: Tensor, _ b: Tensor, texts: [String]) -> [Double] {
        let closest = cosineSimilarity(a, b).topK(1).indices.values.map { Int($0) }
        return closest.enumerated().map { texts[$0.element] == texts[$0.offset] ? 1 : 0 }
    }
}
