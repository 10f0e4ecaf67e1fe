import Losses
import SentenceEmbeddings
import Tables

extension LossSetting {
    /// What a loss is about to be trained on.
    public init(_ dataset: Dataset, _ model: SentenceTransformer) {
        let labels = dataset.labels.map { labels in
            LossSetting.Labels(
                name: labels.name, shape: labels.rowShape, areIntegers: labels.areIntegers,
                range: (labels.values.min() ?? 0)...(labels.values.max() ?? 0),
                distinctCount: labels.rowShape.isEmpty ? Set(labels.values).count : nil)
        }
        self.init(
            textColumns: dataset.columnNames, labels: labels, embeddingDimension: model.embeddingDimension,
            layerCount: model.transformer.model.layerCount, vocabularyFingerprint: { model.vocabularyFingerprint })
    }
}
