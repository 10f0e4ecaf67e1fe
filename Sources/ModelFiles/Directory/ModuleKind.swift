/// The modules of a sentence embedding pipeline, by the last component of their type's dotted name.
public enum ModuleKind: String, Sendable, CaseIterable {
    /// From tokens to token embeddings.
    case transformer = "Transformer"
    /// From token embeddings to one of the sentence.
    case pooling = "Pooling"
    /// Divides the embedding by its length.
    case normalize = "Normalize"
    /// A fully connected layer.
    case dense = "Dense"
    /// Convolutions over token embeddings.
    case cnn = "CNN"
    /// Dropout of the embedding.
    case dropout = "Dropout"
    /// Layer normalization of the embedding.
    case layerNorm = "LayerNorm"
    /// A recurrent network over token embeddings.
    case lstm = "LSTM"
    /// A weighted mean of layers.
    case weightedLayerPooling = "WeightedLayerPooling"
    /// Weights of words.
    case wordWeights = "WordWeights"
    /// One of several paths, by what a text is for; `Asym` of old.
    case router = "Router"
    /// Counts of words.
    case bagOfWords = "BoW"
    /// Texts and pictures.
    case clipModel = "CLIPModel"
    /// The mean of fixed token embeddings.
    case staticEmbedding = "StaticEmbedding"
    /// Fixed embeddings of words.
    case wordEmbeddings = "WordEmbeddings"
    /// The score of a pair. It is known by name, but not computed.
    case logitScore = "LogitScore"

    /// Reads a dotted type name such as `sentence_transformers.models.Pooling`.
    ///
    /// - Returns: Nil for a class of another package even if its last component is known: it is somebody's own
    ///   code and may compute anything.
    public init?(type: String) {
        let components = type.split(separator: ".", omittingEmptySubsequences: false)
        guard components.count > 1, components.first == "sentence_transformers", let name = components.last else {
            return nil
        }
        self.init(rawValue: name == "Asym" ? "Router" : String(name))
    }

    /// The dotted name that is written to `modules.json`.
    public func typeName(_ style: ModelFileStyle) -> String {
        switch (style, self) {
        case (.legacy, .logitScore), (.version6, .logitScore):
            return "sentence_transformers.cross_encoder.modules.logit_score.LogitScore"
        case (.legacy, _):
            return "sentence_transformers.models.\(rawValue)"
        case (.version6, .transformer), (.version6, .normalize), (.version6, .dense), (.version6, .router):
            return "sentence_transformers.base.modules.\(fileName).\(rawValue)"
        default:
            return "sentence_transformers.sentence_transformer.modules.\(fileName).\(rawValue)"
        }
    }

    /// The name of the Python file that holds the class.
    private var fileName: String {
        switch self {
        case .clipModel: "clip_model"
        case .layerNorm: "layer_norm"
        case .staticEmbedding: "static_embedding"
        case .weightedLayerPooling: "weighted_layer_pooling"
        case .wordEmbeddings: "word_embeddings"
        case .wordWeights: "word_weights"
        default: rawValue.lowercased()
        }
    }
}
