import Foundation
import Tapestry
import Testing

/// Cached is the loss itself: for every loss, in every nesting, whatever the mini-batches, with dropout on.
struct CachedTests {
    /// A loss, how many text columns it gets, and the shape of one row's label.
    struct Base: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let columns: Int
        var label: [Int]?
        /// A new one each time: tests run side by side, and parameters of its own belong to one tape at a time.
        let make: @Sendable () -> any Loss

        var acceptsTruncatedEmbeddings: Bool { make().acceptsTruncatedEmbeddings }
    }

    struct Nesting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var truncates = false
        let wrap: @Sendable (any Loss) -> any Loss
    }

    static let width = 32

    static let bases = [
        Base(testDescription: "CoSENTLoss", columns: 2, label: []) { CoSENTLoss() },
        Base(testDescription: "CosineSimilarityLoss", columns: 2, label: []) { CosineSimilarityLoss() },
        Base(testDescription: "TripletLoss", columns: 3) { TripletLoss() },
        Base(testDescription: "MultipleNegativesRankingLoss", columns: 2) { MultipleNegativesRankingLoss() },
        Base(testDescription: "MultipleNegativesRankingLoss, all directions, no duplicates", columns: 3) {
            MultipleNegativesRankingLoss(
                directions: Set(MultipleNegativesRankingLoss.Direction.allCases), hardness: .allNegatives, hardnessStrength: 2,
                masksDuplicates: true)
        },
        Base(testDescription: "MSELoss", columns: 2, label: [2, width]) { MSELoss() },
        Base(testDescription: "EmbedDistillLoss with a projection", columns: 2, label: [7]) {
            EmbedDistillLoss(embeddingDimension: width, projectionDimension: 7, dtype: .float64)
        },
        Base(testDescription: "MarginMSELoss", columns: 4, label: [2]) { MarginMSELoss() },
        Base(testDescription: "DistillKLDivLoss", columns: 4, label: [3]) { DistillKLDivLoss() },
        Base(testDescription: "GlobalOrthogonalRegularizationLoss", columns: 1) { GlobalOrthogonalRegularizationLoss() },
    ]

    static let nestings = [
        Nesting(testDescription: "L") { $0 },
        Nesting(testDescription: "Matryoshka(L)", truncates: true) { Matryoshka($0, dimensions: [width, 11, 4], weights: [1, 0.5, 2]) },
        Nesting(testDescription: "Matryoshka(L), drawn", truncates: true) {
            Matryoshka($0, dimensions: [width, 20, 11, 4], dimensionsPerStep: 2)
        },
        Nesting(testDescription: "AdaptiveLayer(L)") { AdaptiveLayer($0, layersPerStep: nil, priorLayersWeight: 0.5) },
        Nesting(testDescription: "AdaptiveLayer(L), drawn") { AdaptiveLayer($0) },
        Nesting(testDescription: "AdaptiveLayer(Matryoshka(L))", truncates: true) {
            AdaptiveLayer(Matryoshka($0, dimensions: [width, 5]), layersPerStep: nil, layerWeighting: .log)
        },
        Nesting(testDescription: "AdaptiveLayer(Matryoshka(L)), drawn", truncates: true) {
            Matryoshka2dLoss($0, dimensions: [width, 20, 11, 4])
        },
        Nesting(testDescription: "L1 + 0.5 L2") { $0 + 0.5 * GlobalOrthogonalRegularizationLoss() },
        Nesting(testDescription: "Matryoshka(L1 + 0.5 L2)", truncates: true) {
            Matryoshka($0 + 0.5 * GlobalOrthogonalRegularizationLoss(), dimensions: [width, 4])
        },
        Nesting(testDescription: "AdaptiveLayer(L1 + 0.5 L2)") { AdaptiveLayer($0 + 0.5 * GlobalOrthogonalRegularizationLoss()) },
        Nesting(testDescription: "Matryoshka(L) + 0.5 AdaptiveLayer(L)", truncates: true) {
            Matryoshka($0, dimensions: [width, 4]) + 0.5 * AdaptiveLayer($0)
        },
    ]

    /// tiny-bert in float64, with dropout: what remains of a difference is no rounding.
    private static func model() throws -> SentenceTransformer {
        let model = try TrainingTests.model(dropout: true)
        for parameter in model.parameters { parameter.value = parameter.value.cast(to: .float64) }
        return model
    }

    private static func batch(_ base: Base, rows: Int = 7, _ model: SentenceTransformer) throws -> TrainingBatch {
        let dataset = try pairs()
        let texts = (0..<base.columns).map { column in
            (0..<rows).map { dataset.columns[column % 2].texts[(3 * $0 + column / 2) % dataset.rowCount] }
        }
        let labels = base.label.map { Tensor.uniform([rows] + $0, dtype: .float64, key: RandomKey(5)) }
        return TrainingBatch(texts: texts, labels: labels, model: model)
    }

    @Test(arguments: bases, nestings) func cachedIsTheLossItself(_ base: Base, _ nesting: Nesting) throws {
        guard base.acceptsTruncatedEmbeddings || !nesting.truncates else { return }  // see refusedNestings
        let model = try Self.model()
        let batch = try Self.batch(base, model)
        let loss = nesting.wrap(base.make())
        let key = RandomKey(11)
        let plain = try LossObjective(loss).valueAndGradients(model, batch, key: key, detectingAnomalies: false)
        let named = model.namedParameters + loss.parameters
        let largest = named.compactMap { plain.gradients[$0.parameter]?.tensor.abs().max().item }.max() ?? 0
        #expect(largest > 1e-3)
        for named in loss.parameters { #expect(plain.gradients[named.parameter] != nil, "\(named.name)") }
        let other = try LossObjective(loss).valueAndGradients(model, batch, key: RandomKey(12), detectingAnomalies: false)
        #expect(other.loss != plain.loss, "nothing was dropped")

        let shortest = batch.tokens.offsets.lengths.min()!
        for cached in [
            Cached(loss, miniBatchSize: 1), Cached(loss, miniBatchSize: 3), Cached(loss, miniBatchSize: 1000),
            Cached(loss, miniBatchTokens: 3 * shortest), Cached(loss, miniBatchTokens: 1),
        ] {
            let result = try cached.valueAndGradients(model, batch, key: key, detectingAnomalies: false)
            #expect(abs(result.loss - plain.loss) <= 1e-10 * abs(plain.loss))
            #expect(result.components.map(\.name) == plain.components.map(\.name))
            for (a, b) in zip(result.components, plain.components) { #expect(abs(a.value - b.value) <= 1e-10 * max(1, abs(b.value))) }
            for named in named {
                let (a, b) = (result.gradients[named.parameter]?.tensor, plain.gradients[named.parameter]?.tensor)
                #expect((a == nil) == (b == nil), "\(named.name)")
                guard let a, let b else { continue }
                #expect(a.maximumDifference(to: b) <= 1e-10 * largest, "\(named.name)")
            }
            #expect(
                abs(cached.value(model, batch).total.item - LossObjective(loss).value(model, batch).total.item) <= 1e-10 * abs(plain.loss))
        }
    }

    /// A module of one's own behind the pooling.
    private struct DroppedEmbedding: EmbeddingModule {
        let dropout = Dropout(0.3)
        var summary: String { "dropout" }

        init() {}
        init(folder: URL) throws {}

        func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }

        func callAsFunction(_ features: Features, in context: Context) -> Features {
            var features = features
            features.sentenceEmbedding = dropout(features.requiredSentenceEmbedding, in: context)
            return features
        }

        func copied() -> Self { self }
        func save(to folder: URL) throws {}
    }

    @Test(arguments: nestings) func dropoutBehindThePoolingDrawsBySample(_ nesting: Nesting) throws {
        let base = Self.bases[3]
        let plain = try Self.model()
        let model = SentenceTransformer(plain.input, plain.modules + [DroppedEmbedding()])
        let (batch, loss, key) = (try Self.batch(base, model), nesting.wrap(base.make()), RandomKey(11))
        let whole = try LossObjective(loss).valueAndGradients(model, batch, key: key, detectingAnomalies: false)
        let without = try LossObjective(loss).valueAndGradients(plain, batch, key: key, detectingAnomalies: false)
        #expect(abs(whole.loss - without.loss) > 1e-3)
        for size in [1, 3, 1000] {
            let cached = try Cached(loss, miniBatchSize: size).valueAndGradients(model, batch, key: key, detectingAnomalies: false)
            #expect(abs(cached.loss - whole.loss) <= 1e-10 * abs(whole.loss))
            #expect(abs(cached.gradients.globalNorm - whole.gradients.globalNorm) <= 1e-10 * whole.gradients.globalNorm)
        }
    }

    @Test func drawsDependOnTheKeyAndEvaluationTakesEverything() throws {
        let model = try Self.model()
        let base = Self.bases[3]
        let batch = try Self.batch(base, model)
        let drawn = Matryoshka2dLoss(base.make(), dimensions: [32, 20, 11, 4])
        let all = Matryoshka2dLoss(base.make(), dimensions: [32, 20, 11, 4], layersPerStep: nil, dimensionsPerStep: nil)
        #expect(Cached(drawn).value(model, batch).total.item == LossObjective(all).value(model, batch).total.item)
        let without = try TrainingTests.model()
        let values = try (0..<8).map {
            try LossObjective(drawn).valueAndGradients(without, batch, key: RandomKey(UInt64($0)), detectingAnomalies: false).loss
        }
        #expect(Set(values).count > 3)
    }

    @Test func mixedPrecisionOfLabelsAndModelIsTheLoss() throws {
        // The product's own dtype: a float32 model with float64 labels.
        let model = try TrainingTests.model(dropout: true)
        for base in Self.bases.filter({ $0.acceptsTruncatedEmbeddings }) {
            let batch = try Self.batch(base, model)
            let plain = try LossObjective(base.make()).valueAndGradients(model, batch, key: RandomKey(1), detectingAnomalies: false)
            let cached = try Cached(base.make(), miniBatchSize: 3).valueAndGradients(
                model, batch, key: RandomKey(1), detectingAnomalies: false)
            #expect(abs(plain.loss - cached.loss) <= 1e-5 * max(1, abs(plain.loss)), "\(base)")
            #expect(abs(plain.gradients.globalNorm - cached.gradients.globalNorm) <= 1e-4 * plain.gradients.globalNorm, "\(base)")
        }
    }

    // MARK: What equals what

    @Test(arguments: bases.filter { $0.acceptsTruncatedEmbeddings }) func matryoshkaAtFullWidthIsTheLossOfUnitRows(_ base: Base) throws {
        let columns = (0..<base.columns).map { Tensor.normal([5, 8], dtype: .float64, key: RandomKey(UInt64($0 + 1))) }
        let labels = base.label.map { Tensor.uniform([5] + $0.map { $0 == Self.width ? 8 : $0 }, dtype: .float64, key: RandomKey(9)) }
        let loss = base.make()
        func check(_ a: any Loss, _ function: @escaping ([Tensor]) -> Tensor) {
            let (value, gradients) = valueAndGradients(at: columns) { a.value(of: $0, labels: labels) }
            let (expected, expectedGradients) = valueAndGradients(at: columns, function)
            #expect(abs(value.item - expected.item) <= 1e-12 * max(1, abs(expected.item)))
            for (a, b) in zip(gradients, expectedGradients) { #expect(a.maximumDifference(to: b) <= 1e-12 * max(1, b.abs().max().item)) }
        }
        check(Matryoshka(loss, dimensions: [8])) { loss.value(of: $0.map { $0.normalized() }, labels: labels) }
        // A sum goes through: each of its losses has its own Matryoshka.
        let other = GlobalOrthogonalRegularizationLoss()
        check(Matryoshka(loss + 0.5 * other, dimensions: [8, 3])) { [labels] in
            Matryoshka(loss, dimensions: [8, 3]).value(of: $0, labels: labels) + Matryoshka(other, dimensions: [8, 3]).value(of: $0) * 0.5
        }
    }

    @Test func adaptiveLayerWithTheLastLayerAloneIsTheLoss() throws {
        let model = try Self.model()
        for base in Self.bases {
            let batch = try Self.batch(base, model)
            let loss = base.make()
            let alone = AdaptiveLayer(loss, layersPerStep: nil, priorLayersWeight: 0, klTemperature: 0)
            let plain = try LossObjective(loss).valueAndGradients(model, batch, key: RandomKey(2), detectingAnomalies: false)
            let adaptive = try Cached(alone, miniBatchSize: 4).valueAndGradients(model, batch, key: RandomKey(2), detectingAnomalies: false)
            #expect(abs(plain.loss - adaptive.loss) <= 1e-10 * abs(plain.loss), "\(base)")
            #expect(abs(plain.gradients.globalNorm - adaptive.gradients.globalNorm) <= 1e-10 * plain.gradients.globalNorm, "\(base)")
        }
    }

    // MARK: Memory

    /// In a process of its own: memory is counted for all threads together.
    @Test func memoryIsThatOfAMiniBatch() async {
        await #expect(processExitsWith: .success) {
            let model = try TrainingTests.model(dropout: true)
            let base = CachedTests.bases[3]
            func peak(_ objective: any SentenceObjective, rows: Int) throws -> Int {
                let batch = try CachedTests.batch(base, rows: rows, model)
                let before = CachingAllocator.statistics.bytesInUse
                CachingAllocator.resetHighWaterMark()
                _ = try objective.valueAndGradients(model, batch, key: RandomKey(1), detectingAnomalies: false)
                return CachingAllocator.statistics.highWaterMark - before
            }
            for loss in [base.make(), Matryoshka(base.make(), dimensions: [32, 8])] {
                let plain = try peak(LossObjective(loss), rows: 8)
                let cached = try peak(Cached(loss, miniBatchSize: 16), rows: 128)
                let large = try peak(LossObjective(loss), rows: 128)
                // 16 times the rows: 256 more embeddings and similarities, but no more activations.
                precondition(large > 10 * plain, "\(plain) bytes for 8 rows, \(large) for 128")
                precondition(cached < 3 * plain, "\(plain) bytes for 8 rows, \(cached) for 128, cached")
            }
        }
    }

    // MARK: What is refused

    static let refused: [(objective: any SentenceObjective, words: String)] = {
        let loss = CoSENTLoss()
        let adaptive = AdaptiveLayer(loss), matryoshka = Matryoshka(loss, dimensions: [12, 4])
        let projection = EmbedDistillLoss(embeddingDimension: 12, projectionDimension: 1)
        func plain(_ loss: any Loss) -> any SentenceObjective { LossObjective(loss) }
        return [
            (plain(Matryoshka(adaptive, dimensions: [12])), "write AdaptiveLayer(Matryoshka(…))"),
            (plain(Matryoshka(loss + adaptive, dimensions: [12])), "write AdaptiveLayer(Matryoshka(…))"),
            (plain(Matryoshka(matryoshka, dimensions: [12, 4])), "Matryoshka cannot be put around MatryoshkaLoss"),
            (plain(Matryoshka(loss + matryoshka, dimensions: [4])), "which needs embeddings of full width"),
            (plain(AdaptiveLayer(adaptive)), "AdaptiveLayer cannot be put around AdaptiveLayerLoss, which sees every layer already"),
            (plain(AdaptiveLayer(Matryoshka(adaptive, dimensions: [12]))), "write AdaptiveLayer(Matryoshka(…))"),
            (plain(AdaptiveLayer(loss + adaptive)), "which sees every layer already"),
            (plain(Matryoshka(projection, dimensions: [12, 4])), "Matryoshka cannot be put around EmbedDistillLoss, which needs"),
            (plain(Matryoshka(loss, dimensions: [13, 4])), "dimension 13 is larger than the embeddings, which have 12"),
            (plain(AdaptiveLayer(Matryoshka(loss, dimensions: [99]))), "dimension 99 is larger"),
            (plain(Matryoshka(loss, dimensions: [])), "takes one or more dimensions"),
            (plain(Matryoshka(loss, dimensions: [12, 0])), "each 1 or more, not [12, 0]"),
            (plain(Matryoshka(loss, dimensions: [12, 4], weights: [1])), "one weight for each of the dimensions 12, 4, not 1"),
            (Cached(loss, miniBatchSize: 0), "CachedCoSENTLoss: mini_batch_size is 0, but must be 1 or more"),
            (Cached(loss, miniBatchSize: -3), "mini_batch_size is -3"),
            (Cached(loss, miniBatchTokens: 0), "mini_batch_num_tokens is 0"),
            (Cached(Matryoshka(adaptive, dimensions: [12])), "write AdaptiveLayer(Matryoshka(…))"),
            (Cached(TripletLoss()), "TripletLoss takes 3 text columns"),
        ]
    }()

    @Test(arguments: refused.indices) func refusedNestings(_ index: Int) throws {
        let (objective, words) = Self.refused[index]
        let folder = try TemporaryFolder()
        let error = #expect(throws: LossInputError.self) {
            try Trainer(TrainingTests.model("mini-bert"), objective: objective, dataset: pairs(), arguments: settings(folder))
        }
        let message = error?.description ?? ""
        #expect(message.contains(words) && !message.contains("\n"), "\(message)")
        #expect(try folder.content().isEmpty)
    }
}
