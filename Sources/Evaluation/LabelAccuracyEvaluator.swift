import Autodiff
import Foundation
import Losses
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// How often the classifier of a `SoftmaxLoss` tells the class of a pair of sentences: `accuracy`.
public struct LabelAccuracyEvaluator: ConfidenceEvaluator {
    /// Pairs and their classes.
    public let sentences1, sentences2: [String]
    /// One of 0 … K − 1 for each pair.
    public let labels: [Int]
    /// Its classifier is asked, as it is when the evaluator is called.
    public let loss: SoftmaxLoss
    public var name: String
    /// Sentences that are embedded together.
    public var batchSize: Int
    public var confidence = false
    /// Whether it appends its metric to a file.
    public var writesCSV: Bool

    /// Takes the two text columns and the classes of a dataset.
    ///
    /// - Throws: `DatasetError` when there are not two text columns and a column of classes that the classifier has.
    public init(_ dataset: Dataset, loss: SoftmaxLoss, name: String = "", batchSize: Int = 32, writesCSV: Bool = true) throws {
        let labels = try dataset.labelsOfPairs(called: "label", for: "evaluation of a classifier")
        try dataset.requireTexts(for: "evaluation of a classifier")
        try dataset.requireClasses(below: loss.classCount, for: "evaluation of a classifier")
        (sentences1, sentences2) = (Array(dataset.columns[0].texts), Array(dataset.columns[1].texts))
        self.labels = labels.values.map { Int($0) }
        (self.loss, self.name, self.batchSize, self.writesCSV) = (loss, name, batchSize, writesCSV)
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? { named(["accuracy"]) }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let (u, v) = model.encodeTogether(sentences1, sentences2, batchSize: batchSize, truncateDimension: nil)
        let classes = loss.logits(u, v).detached().topK(1).indices.values.map { Int($0) }
        let hits = zip(classes, labels).map { $0 == $1 ? 1.0 : 0 }
        let accuracy = hits.mean(of: hits.indices)
        if let outputPath, writesCSV {
            let file = ResultsFile("accuracy_evaluation", of: name, columns: ["accuracy"])
            try file.append([accuracy], epoch: epoch, steps: steps, in: outputPath)
        }
        let intervals = confidence ? Bootstrap.intervals(rowCount: hits.count) { [hits.mean(of: $0)] } : []
        return named([("accuracy", accuracy)], intervals: intervals, primary: "accuracy")
    }
}
