import Foundation
import Tapestry
import Testing

/// Texts that stand several times, prompts in all places, and what copies share.
struct RepeatTests {
    /// Each text keeps its own row wherever its repeats stand: the longest, which comes first in the batches, among them.
    @Test(arguments: [1, 2, 3, 32]) func repeatedTextsHaveTheirOwnRow(batchSize: Int) throws {
        let model = try model("tiny-bert")
        let texts = [
            "a long text about the quiet dog that sleeps", "red", "blue", "red", "", "blue", "red", "the quiet dog", "",
            "a long text about the quiet dog that sleeps",
        ]
        let apart = texts.map { model.encode([$0]).rows[0] }
        var done: [Int] = []
        let together = model.encode(texts, batchSize: batchSize) { done.append($0) }
        #expect(together.rows == apart)
        #expect(done.last == texts.count && done == done.sorted() && Set(done).count == done.count)
        #expect(done.count == (5 + batchSize - 1) / batchSize)
        #expect(model.encode([String](repeating: "red", count: 4)).rows == [[Double]](repeating: apart[1], count: 4))
        let unit = model.encode(texts, batchSize: batchSize, normalizesEmbeddings: true)
        #expect(unit.norm(alongAxis: 1).values.allSatisfy { abs($0 - 1) < 1e-6 })
    }

    @Test func everyFunctionIsItsFormula() {
        let a = Tensor.normal([3, 5], dtype: .float64, key: RandomKey(1)), b = Tensor.normal([3, 5], dtype: .float64, key: RandomKey(2))
        for function in SimilarityFunction.allCases {
            func value(_ x: [Double], _ y: [Double]) -> Double {
                let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }, gaps = zip(x, y).map { $0 - $1 }
                return switch function {
                case .cosine: dot / (x.reduce(0) { $0 + $1 * $1 } * y.reduce(0) { $0 + $1 * $1 }).squareRoot()
                case .dot: dot
                case .euclidean: -gaps.reduce(0) { $0 + $1 * $1 }.squareRoot()
                case .manhattan: -gaps.reduce(0) { $0 + abs($1) }
                }
            }
            let matrix = Tensor(a.rows.map { x in b.rows.map { value(x, $0) } }, dtype: .float64)
            #expect(function.matrix(a, b).maximumDifference(to: matrix) < 1e-12, "\(function)")
            #expect(function.pairwise(a, b).maximumDifference(to: matrix.diagonal()) < 1e-12, "\(function)")
        }
    }

    /// A model whose pooling leaves prompts out.
    private func withoutPrompts() throws -> SentenceTransformer {
        let model = try model("tiny-bert")
        let folder = try TemporaryFolder()
        var configuration = PoolingConfiguration(embeddingDimension: model.transformer!.model.width)
        configuration.includesPrompt = false
        try configuration.write(toFolder: folder.url)
        return SentenceTransformer(model.input, [try Pooling(folder: folder.url)])
    }

    @Test func batchesKnowTheirPrompt() throws {
        let model = try withoutPrompts()
        let texts = ["red", "the quiet dog", "blue sky"]
        let batch = model.tokenize(columns: [texts, texts.reversed()], prompts: ["query: ", "query: "], samples: [3, 1, 4, 1, 5, 9])
        let promptLength = model.input.tokenize("query: ").count - 1
        #expect(batch.promptLengths == [Int](repeating: promptLength, count: 6) && batch.count == 6 && batch.samples == [3, 1, 4, 1, 5, 9])
        let rows = model(batch, in: .inference).requiredSentenceEmbedding
        #expect(rows.sliced(0..<3) == model.encode(texts, prompt: "query: "))
        // Parts of a batch have the same prompt and the samples that they had.
        let part = batch.sequences([4, 1])
        #expect(part.promptLengths == [promptLength, promptLength] && part.samples == [5, 1])
        #expect(model(part, in: .inference).requiredSentenceEmbedding.rows == [rows.rows[4], rows.rows[1]])
        #expect(model.tokenize(columns: [texts]).promptLengths == nil)
        // It does matter where the prompt ends.
        let plain = try self.model()
        #expect(plain.encode(texts, prompt: "query: ") != model.encode(texts, prompt: "query: "))
    }

    private func model() throws -> SentenceTransformer { try SentenceEmbeddingsTests.model("tiny-bert") }

    @Test func promptsAreFoundByName() throws {
        var model = try model()
        model.prompts = ["query": "q: ", "passage": "p: ", "corpus": "c: ", "own": "own "]
        let text = ["the dog"]
        #expect(model.encodeQuery(text) == model.encode(text, prompt: "q: "))
        #expect(model.encodeDocument(text) == model.encode(text, prompt: "p: "))
        model.prompts["document"] = "d: "
        #expect(
            model.encodeDocument(text) == model.encode(text, promptName: "document")
                && model.encodeDocument(text) == model.encode(text, prompt: "d: "))
        model.prompts = ["corpus": "c: ", "own": "own "]
        #expect(model.encodeDocument(text) == model.encode(text, prompt: "c: ") && model.encodeQuery(text) == model.encode(text))
        // The default one is for what has no other.
        model.defaultPromptName = "own"
        #expect(
            model.encode(text) == model.encode(text, prompt: "own ")
                && model.encode(text, promptName: "corpus") == model.encode(text, prompt: "c: "))
        #expect(model.encode(text, prompt: "") != model.encode(text) && model.encodeQuery(text) == model.encode(text, prompt: ""))
        // What guides another model is asked without any prompt.
        #expect(model.embeddings(of: text) == model.encode(text, prompt: ""))
    }

    @Test func copiesShareNothing() throws {
        let original = try model("tiny-dense")
        let copy = original.copied()
        let (before, texts) = (original.encode(["red"]), ["red"])
        #expect(copy.encode(texts) == before && copy.parameters.count == original.parameters.count)
        #expect(Set(copy.parameters.map(ObjectIdentifier.init)).isDisjoint(with: original.parameters.map(ObjectIdentifier.init)))
        for parameter in copy.parameters { parameter.update { $0.add(.ones($0.shape, dtype: $0.dtype), times: 0.1) } }
        #expect(original.encode(texts) == before && copy.encode(texts) != before)
    }

    private func model(_ name: String) throws -> SentenceTransformer { try SentenceEmbeddingsTests.model(name) }

    /// The folders of saved models say what was set on them.
    @Test func settingsAreSaved() throws {
        var model = try model()
        (model.prompts, model.defaultPromptName, model.truncateDimension, model.similarityFunction) = (
            ["query": "q: ", "document": "", "own": "own "], "own", 7, .manhattan
        )
        model.maximumSequenceLength = 9
        let folder = try TemporaryFolder()
        try model.save(to: folder.file("saved").path)
        let again = try SentenceTransformer(folder.file("saved").path)
        #expect(again.prompts == model.prompts && again.defaultPromptName == "own" && again.truncateDimension == 7)
        #expect(again.similarityFunction == .manhattan && again.maximumSequenceLength == 9 && again.embeddingDimension == 7)
        #expect(again.encode(["the quiet dog sleeps in the red house"]) == model.encode(["the quiet dog sleeps in the red house"]))
    }

    /// Noise by sample behind the pooling: that of layers, too, draws by the sequence, not by its place in a batch.
    private struct Noise: EmbeddingModule {
        static let typeName = "RepeatTests.Noise"
        let dropout = Dropout(0.5)
        init() {}
        init(folder: URL) throws {}
        var summary: String { "noise" }
        func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }
        func callAsFunction(_ features: Features, in context: Context) -> Features {
            var features = features
            features.sentenceEmbedding = dropout(features.requiredSentenceEmbedding, in: context)
            return features
        }
        func copied() -> Noise { self }
        func save(to folder: URL) throws {}
    }

    @Test func modulesOfLayersDrawBySample() throws {
        let plain = try model()
        let model = SentenceTransformer(plain.input, plain.modules + [Noise()])
        for parameter in model.parameters { parameter.value = parameter.value.cast(to: .float64) }
        let all = TokenBatch(sequences: ["red", "the quiet dog", "blue sky"].map { model.input.tokenize($0) }, samples: [11, 7, 5])
        func layers(_ batch: TokenBatch) -> [Tensor] { model.layerEmbeddings(batch, in: .training(key: RandomKey(3))) }
        let (whole, part) = (layers(all), layers(all.sequences([2, 0])))
        #expect(whole.count == plain.layerCount + 1)
        for (a, b) in zip(whole, part) {
            #expect(b.maximumDifference(to: a.gatheringRows(at: Tensor(indices: [2, 0]))) < 1e-12 && a.values.contains(0))
        }
    }
}
