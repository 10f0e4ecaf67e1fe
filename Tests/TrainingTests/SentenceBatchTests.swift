@testable import Autodiff
import Foundation
import Synchronization
import Tapestry
import Testing

/// By which numbers the texts of a batch draw, what a loss is given beside embeddings, and what the last, shorter block of an objective
/// counts.
struct SentenceBatchTests {
    /// Keeps its batches; its value is the mean of the embeddings' squares.
    private final class Probe: Loss {
        let inputs = LossInputs(columns: ["a"], allowsMoreColumns: true)
        let side: Tensor
        private let seen = Mutex<[LossBatch]>([])
        init(side: Tensor = Tensor([1, 2])) { self.side = side }
        var batches: [LossBatch] { seen.withLock { $0 } }
        func sideInputs(for texts: [[String]]) -> SideInputs { [side] }
        func callAsFunction(_ batch: LossBatch) -> LossValue {
            seen.withLock { $0.append(batch.replacing(embeddings: batch.embeddings.map { $0.detached() })) }
            return LossValue(batch.embeddings[0].square().mean())
        }
    }

    private static func exact(_ name: String = "mini-bert", dropout: Bool = false) throws -> SentenceTransformer {
        let model = try TrainingTests.model(name, dropout: dropout)
        for parameter in model.parameters { parameter.value = parameter.value.cast(to: .float64) }
        return model
    }

    private static let texts = [["a red dog", "blue", "a red dog", "green sky", "blue"], ["b", "a red dog", "c", "d d", "blue"]]

    /// The loss draws by another key than dropout does, and by none in evaluation; side inputs have the embeddings' type.
    @Test(arguments: [true, false]) func lossesHaveAKeyOfTheirOwn(isCached: Bool) throws {
        for dtype in [DType.float32, .float64] {
            let model = dtype == .float64 ? try Self.exact() : try TrainingTests.model("mini-bert")
            let probe = Probe(side: Tensor([1, 2], dtype: dtype == .float64 ? .float32 : .float64))
            let objective: any EmbeddingObjective = isCached ? Cached(probe, miniBatchSize: 2) : LossObjective(probe)
            let batch = TrainingBatch(texts: Self.texts, model: model)
            let key = RandomKey(9)
            _ = try objective.valueAndGradients(model, batch, key: key, detectingAnomalies: false)
            _ = objective.value(model, batch)
            let found = probe.batches
            #expect(found.count == 2 && found[0].key != nil && found[0].key != key && found[1].key == nil)
            #expect(found.allSatisfy { $0.sides.tensors[0].dtype == dtype && $0.sides.tensors[0].values == [1, 2] && $0.layers.isEmpty })
            _ = try objective.valueAndGradients(model, batch, key: RandomKey(10), detectingAnomalies: false)
            #expect(probe.batches[2].key != found[0].key)
        }
    }

    /// A text draws by its row and column in the table: two of a row do not draw alike, and a row draws the same in any batch.
    @Test func textsDrawByRowAndColumn() throws {
        let model = try Self.exact(dropout: true)
        let dataset = try Dataset(["a": ["red dog", "blue", "red dog"], "b": ["red dog", "blue", "red dog"]])
        let batch = TrainingBatch(dataset, rows: [2, 0], model: model)
        #expect(batch.tokens.samples == [4, 0, 5, 1])
        #expect(TrainingBatch(dataset, rows: [0, 1, 2], model: model).tokens.samples == [0, 2, 4, 1, 3, 5])
        let rows = model(batch.tokens, in: .training(key: RandomKey(1))).requiredSentenceEmbedding.rows
        #expect(Set(rows).count == 4)
        let alone = TrainingBatch(dataset, rows: [0], model: model)
        let again = model(alone.tokens, in: .training(key: RandomKey(1))).requiredSentenceEmbedding.rows
        for (row, other) in zip([rows[1], rows[3]], again) { #expect(zip(row, other).allSatisfy { abs($0 - $1) < 1e-12 }) }
        // Parts of a batch are its rows, with their labels.
        let labelled = TrainingBatch(
            texts: Self.texts, labels: Tensor((0..<10).map { Double($0) }, shape: [5, 2], dtype: .float64), model: model)
        let part = labelled.rows([4, 1, 4])
        #expect(
            part.texts == [["blue", "blue", "blue"], ["blue", "a red dog", "blue"]] && part.labels?.rows == [[8, 9], [2, 3], [8, 9]])
        #expect(part.tokens.samples == [4, 1, 4, 9, 6, 9] && part.rowCount == 3)
    }

    @Test func anomaliesAreFoundInTheirRowAndColumn() throws {
        let model = try Self.exact()
        let batch = TrainingBatch(texts: Self.texts, model: model)
        func place(_ shape: [Int], _ row: Int) -> String? {
            model.place(
                of: Anomaly(
                    operation: "x", direction: .forward, shape: shape, index: row * (shape.count > 1 ? shape[1] : 1), value: .nan,
                    caller: nil), in: batch)
        }
        #expect(place([5], 3) == "row 3 of the batch" && place([5, 7], 2) == "row 2 of the batch")
        for sequence in 0..<10 {
            for token in [batch.tokens.offsets[sequence].lowerBound, batch.tokens.offsets[sequence].upperBound - 1] {
                #expect(place([batch.tokens.tokenCount, 4], token) == "row \(sequence % 5) of the batch, column \(sequence / 5)")
            }
        }
        #expect(place([], 0) == nil && place([999, 2], 1) == nil)
    }

    /// A loss's own parameter gets the same gradient from a cached pass.
    @Test(arguments: [1, 2, 3, 50]) func cachedPassesReachTheLosssParameters(miniBatchSize: Int) throws {
        let model = try Self.exact()
        let loss = EmbedDistillLoss(embeddingDimension: model.embeddingDimension, projectionDimension: 3, dtype: .float64)
        let batch = TrainingBatch(texts: Self.texts, labels: .normal([5, 3], dtype: .float64, key: RandomKey(4)), model: model)
        let plain = try LossObjective(loss).valueAndGradients(model, batch, key: RandomKey(1), detectingAnomalies: false)
        let cached = try Cached(loss, miniBatchSize: miniBatchSize).valueAndGradients(
            model, batch, key: RandomKey(1), detectingAnomalies: false)
        for named in loss.parameters {
            let (a, b) = (try #require(plain.gradients[named.parameter]).tensor, try #require(cached.gradients[named.parameter]).tensor)
            #expect(a.maximumDifference(to: b) < 1e-12 && a.abs().max().item > 1e-3)
        }
    }

    /// In blocks of any length, with texts that stand twice: masked ones are no candidates.
    @Test(arguments: [false, true], 1...5) func contrastiveTensionInBlocksIsTheWhole(masksDuplicates: Bool, blockRows: Int) throws {
        let model = try Self.exact()
        var settings = ContrastiveTensionLossInBatchNegatives.Settings(scale: 3)
        settings.masksDuplicates = masksDuplicates
        var objective = ContrastiveTensionLossInBatchNegatives(model: model, settings)
        // The two models differ.
        for named in objective.model1.namedParameters {
            named.parameter.update { $0.add(.normal($0.shape, dtype: .float64, key: RandomKey(5)), times: 0.05) }
        }
        let batch = TrainingBatch(texts: [Self.texts[0]], model: model)
        objective.elementsPerBlock = blockRows * 10
        let found = try objective.valueAndGradients(model, batch, key: RandomKey(1), detectingAnomalies: false)
        let a = objective.model1(batch.tokens, in: .inference).requiredSentenceEmbedding.normalized().rows
        let b = model(batch.tokens, in: .inference).requiredSentenceEmbedding.normalized().rows
        let z = a.map { x in b.map { y in 3 * zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } } }
        let texts = Self.texts[0]
        func lse(_ i: Int, _ score: (Int) -> Double) -> Double {
            Tensor((0..<5).filter { $0 == i || !masksDuplicates || texts[$0] != texts[i] }.map(score), dtype: .float64).logSumExp().item
        }
        let expected = (0..<5).reduce(0.0) { sum, i in sum + (lse(i) { z[i][$0] } + lse(i) { z[$0][i] } - 2 * z[i][i]) / 10 }
        #expect(abs(found.loss - expected) < 1e-10, "\(found.loss) \(expected)")
        objective.elementsPerBlock = 1 << 20
        let whole = try objective.valueAndGradients(model, batch, key: RandomKey(1), detectingAnomalies: false)
        #expect(
            abs(try #require(found.gradients[objective.logitScale]).tensor.item - whole.gradients[objective.logitScale]!.tensor.item)
                < 1e-10)
    }

    /// Batches are as many as the sentences give; each epoch has its own pairs.
    @Test(arguments: [(4, 2, 6), (4, 2, 11), (4, 2, 12), (8, 4, 14), (8, 4, 29), (6, 3, 30)])
    func pairsOfContrastiveTensionUseEverySentenceOnce(batchSize: Int, ratio: Int, count: Int) throws {
        let sentences = (0..<count).map { "s\($0)" }
        let loader = try ContrastiveTensionDataLoader(sentences: sentences, batchSize: batchSize, posNegRatio: ratio)
        let perBatch = batchSize / ratio + 2 * (batchSize - batchSize / ratio)
        #expect(loader.batchCount == count / perBatch)
        let epochs = try (0..<3).map { try loader.dataset(epoch: $0) }
        for dataset in epochs {
            #expect(dataset.rowCount == loader.batchCount * batchSize)
            let (first, second, labels) = (dataset.columns[0].texts, dataset.columns[1].texts, dataset.labels!.values)
            for row in labels.indices {
                #expect((labels[row] == 1) == (row % ratio == 0) && (first[row] == second[row]) == (row % ratio == 0))
            }
            let used = Array(first) + zip(second, labels).filter { $0.1 == 0 }.map(\.0)
            #expect(Set(used).count == used.count && used.count == loader.batchCount * perBatch)
        }
        #expect(Set(epochs.map { $0.columns[0].texts }).count == 3)
    }

    @Test func sentencesAreDamagedApart() throws {
        let sentences = [String](repeating: "one two three four five six seven eight nine ten", count: 6)
        let source = DenoisingAutoEncoderDataset(sentences, seed: 3)
        let epochs = try (0..<3).map { try source.dataset(epoch: $0).columns[0].texts }
        for damaged in epochs { #expect(Set(damaged).count > 3) }
        #expect(try Set(epochs).count == 3 && (try source.dataset(epoch: 1).columns[0].texts) == epochs[1])
        #expect(try DenoisingAutoEncoderDataset(sentences, seed: 4).dataset(epoch: 0).columns[0].texts != epochs[0])
    }

    /// A padding token inside of a text is not to be foretold.
    @Test func paddingInATextCountsForNothing() throws {
        let model = try Self.exact()
        let pad = try #require(model.tokenizer.padID)
        let objective = try DenoisingAutoEncoderLoss(model: model)
        for named in objective.parameters { named.parameter.value = named.parameter.value.cast(to: .float64) }
        func tokens(_ text: String) -> [Int32] { model.input.tokenize(text) }
        let (damaged, original) = (tokens("red dog"), tokens("a red dog"))
        func loss(_ sequence: [Int32]) -> Double {
            let batch = TrainingBatch(tokens: TokenBatch(sequences: [damaged, sequence]), texts: [["x"], ["y"]], labels: nil)
            return objective.loss(model, batch, in: .inference).total.item
        }
        // Behind the end, padding changes nothing: it is neither foretold nor seen by what comes before.
        #expect(abs(loss(original + [pad, pad]) - loss(original)) < 1e-12)
        #expect(loss(Array(original.dropLast())) != loss(original))
        #expect(loss([original[0], pad]) == 0)
    }

    @Test func vocabulariesThatAreCutOtherwiseDiffer() {
        func model(_ words: [String]) -> SentenceTransformer {
            let tokenizer = WordPieceTokenizer(vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words)
            let configuration = EncoderConfiguration(
                vocabularySize: tokenizer.vocabularySize, hiddenSize: 4, hiddenLayerCount: 1, attentionHeadCount: 1, intermediateSize: 4,
                maxPositionEmbeddings: 64)
            return SentenceTransformer(Transformer(configuration.encoder(key: RandomKey(1)), tokenizer: tokenizer), [Pooling(width: 4)])
        }
        #expect(model(["ab", "c"]).vocabularyFingerprint != model(["a", "bc"]).vocabularyFingerprint)
        #expect(model(["ab", "c"]).vocabularyFingerprint != model(["c", "ab"]).vocabularyFingerprint)
        #expect(model(["ab", "c"]).vocabularyFingerprint == model(["ab", "c"]).vocabularyFingerprint)
    }

    @Test func aGuideIsAskedWithoutPrompts() throws {
        var guide = try TrainingTests.model("mini-bert")
        let plain = guide.embeddings(of: ["red", "blue"])
        (guide.prompts, guide.defaultPromptName) = (["query": "green ", "own": "sky "], "own")
        #expect(guide.embeddings(of: ["red", "blue"]) == plain && guide.encode(["red", "blue"]) != plain)
    }

    /// A step is looked at once, the last one too.
    @Test(arguments: [(1, [0, 1, 2, 3, 4, 5]), (2, [0, 2, 4, 5]), (5, [0, 5]), (9, [0, 5])])
    func histogramsAreOneAStep(interval: Int, steps: [Int]) throws {
        let folder = try TemporaryFolder()
        let callback = SimilarityHistogramCallback(try pairs(), every: interval, rows: 5)
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs(), arguments: settings(folder), callbacks: [callback])
        try trainer.train()
        #expect(callback.histograms.map(\.step) == steps)
    }

    /// A frozen model beside a loss that learns is no run that teaches nothing; a parameter that a pass does not use decays as the others.
    @Test func aLossThatLearnsAloneIsNotWarnedOf() throws {
        let folder = try TemporaryFolder()
        let model = try model("mini-bert")
        for parameter in model.parameters { parameter.isTrainable = false }
        let loss = EmbedDistillLoss(embeddingDimension: model.embeddingDimension, projectionDimension: 2)
        let dataset = try Dataset(
            ["text": (0..<8).map { "text \($0)" }], labels: .init(values: (0..<16).map { Double($0 % 3) }, rowShape: [2]))
        let trainer = try Trainer(model, loss: loss, dataset: dataset, arguments: settings(folder))
        try trainer.train()
        #expect(trainer.warnings.isEmpty)
    }
}
