import ArgumentParser
import Foundation
import Tapestry

/// Files to evaluate on: an option and a row an evaluator.
struct EvaluationData: ParsableArguments {
    @Option(help: "Two texts and a score a row: Pearson and Spearman of the similarity.") var sts: String?
    @Option(help: "Two texts and a label 0 or 1 a row: how well similarity tells the two apart.") var binary: String?
    @Option(help: "Anchor, positive, negative a row: share of anchors that are closer to the positive.") var triplets: String?
    @Option(help: "A text and its translation a row: share whose translation is the closest of all.") var translation: String?
    @Option(help: "JSON Lines of query, positive, negative: MAP, MRR and nDCG of the candidates' order.") var reranking: String?
    @Option(help: "Folder of corpus.jsonl, queries.jsonl and qrels.tsv, as BEIR writes them: nDCG, MAP, recall …")
    var informationRetrieval: String?
    @Option(help: "Folder of sentences.tsv (id, text) and duplicates.tsv (two ids): average precision of the closest pairs.")
    var paraphraseMining: String?
    @Option(help: "A text, or a text and its translation a row: distance from a teacher's embeddings; needs --teacher.") var mse: String?
    @Option(help: "Model directory of the teacher, which embeds the first column.") var teacher: String?
    @Option(help: "Goes before the names of the metrics.") var name = ""

    private struct Kind: Sendable {
        let option: String
        let path: @Sendable (EvaluationData) -> String?
        /// Whether a dataset's columns are meant for it; nil where it is never guessed.
        var fits: (@Sendable (Dataset) -> Bool)?
        let make: @Sendable (_ path: String, Settings) throws -> any Evaluator<SentenceTransformer>
    }

    private struct Settings {
        var name = "", batchSize = 32
        var teacher: String?
    }

    private static let kinds = [
        Kind(option: "--sts FILE", path: \.sts, fits: { _ in true }) {
            try EmbeddingSimilarityEvaluator(Dataset(path: $0), name: $1.name, batchSize: $1.batchSize)
        },
        Kind(option: "--binary FILE", path: \.binary) {
            try BinaryClassificationEvaluator(Dataset(path: $0), name: $1.name, batchSize: $1.batchSize)
        },
        Kind(option: "--triplets FILE", path: \.triplets, fits: { $0.columns.count == 3 && $0.labels == nil }) {
            try TripletEvaluator(Dataset(path: $0), name: $1.name, batchSize: $1.batchSize)
        },
        Kind(option: "--translation FILE", path: \.translation) {
            try TranslationEvaluator(Dataset(path: $0), name: $1.name, batchSize: $1.batchSize)
        },
        Kind(option: "--reranking FILE", path: \.reranking) {
            try RerankingEvaluator(jsonLines: URL(fileURLWithPath: $0), name: $1.name, batchSize: $1.batchSize)
        },
        Kind(option: "--information-retrieval DIR", path: \.informationRetrieval) {
            try InformationRetrievalEvaluator(folder: URL(fileURLWithPath: $0), name: $1.name, batchSize: $1.batchSize)
        },
        Kind(option: "--paraphrase-mining DIR", path: \.paraphraseMining) {
            try ParaphraseMiningEvaluator(folder: URL(fileURLWithPath: $0), name: $1.name, batchSize: $1.batchSize)
        },
        Kind(option: "--mse FILE", path: \.mse) { path, settings in
            let texts = try Dataset(path: path)
            try texts.requireTexts(for: "--mse")
            return MSEEvaluator(
                sourceSentences: Array(texts.columns[0].texts), targetSentences: Array(texts.columns.prefix(2).last!.texts),
                teacher: try SentenceTransformer(settings.teacher!), name: settings.name, batchSize: settings.batchSize)
        },
    ]

    func validate() throws {
        if (mse == nil) != (teacher == nil) { throw ValidationError("--mse and --teacher go together") }
        guard Self.kinds.allSatisfy({ $0.path(self) == nil }) else { return }
        throw ValidationError("give \(Self.kinds.map(\.option).joined(separator: " or ")), or several")
    }

    /// With the files that were given, in order.
    func evaluators(batchSize: Int, confidence: Bool = false) throws -> [(path: String, evaluator: any Evaluator<SentenceTransformer>)] {
        let settings = Settings(name: name, batchSize: batchSize, teacher: teacher)
        return try Self.kinds.compactMap { kind in
            guard let path = kind.path(self) else { return nil }
            let evaluator = try kind.make(path, settings)
            guard confidence, var sure = evaluator as? any ConfidenceEvaluator<SentenceTransformer> else { return (path, evaluator) }
            sure.confidence = true
            return (path, sure)
        }
    }

    /// The last kind that a file's columns fit.
    static func evaluator(path: String, name: String = "") throws -> any Evaluator<SentenceTransformer> {
        let dataset = try Dataset(path: path)
        return try kinds.last { $0.fits?(dataset) == true }!.make(path, Settings(name: name))
    }
}
