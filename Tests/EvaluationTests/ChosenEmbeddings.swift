import Foundation
import Tapestry

/// Gives each text the embedding that a test has chosen for it.
struct ChosenEmbeddings: EmbeddingModule {
    private var vectors: [[Int32]: [Double]] = [:]
    private var width = 0
    var summary: String { "chosen" }

    init() {}
    init(folder: URL) throws {}

    func outputDimension(of inputDimension: Int?) -> Int? { width }

    func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        let tokens = features.batch
        let rows = (0..<tokens.count).map { vectors[Array(tokens.tokenIDs[tokens.offsets[$0]])]! }
        features.sentenceEmbedding = Tensor(rows.flatMap(\.self), shape: [rows.count, width])
        return features
    }

    func copied() -> ChosenEmbeddings { self }
    func save(to folder: URL) throws {}

    /// - Parameter vectors: By text; the texts differ in their tokens.
    static func model(_ vectors: KeyValuePairs<String, [Double]>) -> SentenceTransformer {
        let encoder = SentenceTransformer.builtIn()
        var module = ChosenEmbeddings()
        module.width = vectors.first!.value.count
        for (text, vector) in vectors { module.vectors[encoder.input.tokenize(text)] = vector }
        precondition(module.vectors.count == vectors.count, "two texts have the same tokens")
        return SentenceTransformer(encoder.input, encoder.modules + [module])
    }
}
