import Losses
import SentenceEmbeddings
import Tables

extension LossSetting {
    /// What a loss is about to be trained on.
    public init(_ dataset: Dataset, _ model: SentenceTransformer) {
        self.init(
            textColumns: dataset.columnNames, labels: dataset.labels.map(Labels.init), embeddingDimension: model.embeddingDimension,
            layerCount: model.layerCount, vocabularyFingerprint: { model.vocabularyFingerprint })
    }
}

extension LossSetting.Labels {
    /// What a label column holds.
    package init(_ labels: Dataset.Column) {
        self.init(
            name: labels.name, shape: labels.rowShape, areIntegers: labels.areIntegers,
            range: (labels.values.min() ?? 0)...(labels.values.max() ?? 0),
            distinctCount: labels.rowShape.isEmpty ? Set(labels.values).count : nil)
    }
}
