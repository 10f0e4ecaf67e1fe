import Datasets
import Layers
import Losses
import SentenceEmbeddings

/// A dataset and the objective that it is trained with; several make a multi-dataset training.
public struct TrainingTask: Sendable {
    /// By which logs and messages call it; empty where there is only one.
    public let name: String
    public let dataset: Dataset
    public let objective: any Objective

    public init(_ dataset: Dataset, name: String = "", objective: any Objective) {
        self.name = name
        self.dataset = dataset
        self.objective = objective
    }

    public init(_ dataset: Dataset, name: String = "", loss: any Loss) {
        self.init(dataset, name: name, objective: LossObjective(loss))
    }

    /// Says no to what does not fit, before any work is done.
    ///
    /// - Throws: ``LossInputError`` or `DatasetError`.
    func check(_ model: SentenceTransformer) throws {
        let labels = dataset.labels.map { labels in
            LossSetting.Labels(
                name: labels.name, shape: labels.rowShape, areIntegers: labels.areIntegers,
                range: (labels.values.min() ?? 0)...(labels.values.max() ?? 0),
                distinctCount: labels.rowShape.isEmpty ? Set(labels.values).count : nil)
        }
        if case .scoresWithin(let range) = objective.inputs.labels, dataset.labels != nil {
            try dataset.requireLabels(in: range, for: objective.name)     // names the row
        }
        do {
            try objective.check(LossSetting(
                textColumns: dataset.columnNames, labels: labels, embeddingDimension: model.embeddingDimension,
                layerCount: model.transformer.model.layerCount))
        } catch let error as LossInputError where !name.isEmpty {
            throw LossInputError("dataset \(name): \(error)")
        }
    }
}

extension [TrainingTask] {
    /// The parameters of the objectives themselves, each once.
    var ownParameters: [NamedParameter] {
        var seen = Set<ObjectIdentifier>()
        return flatMap(\.objective.parameters).filter { seen.insert(ObjectIdentifier($0.parameter)).inserted }
    }
}
