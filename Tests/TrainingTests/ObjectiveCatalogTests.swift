import Tapestry
import Testing

/// Names and nestings become the objectives that they mean.
struct ObjectiveCatalogTests {
    private let model = SentenceTransformer.builtIn()

    private func objective(_ name: String, _ options: JSONObject = [:], dataset: Dataset? = nil) throws -> any SentenceObjective {
        try ObjectiveCatalog.objective(LossSpecification(name, options: options), model: model, dataset: dataset)
    }

    private let guidePath = #filePath.replacing("TrainingTests/ObjectiveCatalogTests.swift", with: "Fixtures/models/tiny-bert")

    @Test func plainNamesAreLosses() throws {
        let plain = try #require(objective("CoSENTLoss", ["scale": 5]) as? LossObjective)
        #expect((plain.loss as? CoSENTLoss)?.scale == 5)
    }

    @Test func anyLossIsCachedByName() throws {
        let needed: [String: JSONObject] = ["SoftmaxLoss": ["num_labels": 3], "GISTEmbedLoss": ["guide": .string(guidePath)]]
        for loss in LossCatalog.builtIn where !(loss is any LossModifier) {
            var options = needed[loss.name] ?? [:]
            options["mini_batch_size"] = 7
            let cached = try #require(objective("Cached\(loss.name)", options) as? Cached)
            #expect(cached.miniBatchSize == 7 && cached.miniBatchTokens == nil)
            #expect(cached.loss.name == loss.name)
        }
        let cached = try #require(objective("CachedMultipleNegativesRankingLoss", ["scale": 3, "mini_batch_num_tokens": 100]) as? Cached)
        #expect(cached.miniBatchSize == 32 && cached.miniBatchTokens == 100)
        #expect((cached.loss as? MultipleNegativesRankingLoss)?.scale == 3)
    }

    @Test func cachingComesOutOfModifiers() throws {
        let inner: JSONValue = ["name": "CachedMultipleNegativesRankingLoss", "scale": 3, "mini_batch_size": 9]
        let middle: JSONValue = ["name": "MatryoshkaLoss", "matryoshka_dims": [64], "loss": inner]
        let cached = try #require(objective("AdaptiveLayerLoss", ["loss": middle]) as? Cached)
        let matryoshka = try #require((cached.loss as? AdaptiveLayer)?.loss as? Matryoshka)
        #expect(cached.miniBatchSize == 9 && (matryoshka.loss as? MultipleNegativesRankingLoss)?.scale == 3)
    }

    @Test func megaBatchesAreCachedUnlessToldNotTo() throws {
        let cached = try #require(objective("MegaBatchMarginLoss", ["positive_margin": 0.7]) as? Cached)
        #expect(cached.miniBatchSize == 50 && (cached.loss as? MegaBatchMarginLoss)?.positiveMargin == 0.7)
        #expect(try objective("MegaBatchMarginLoss", ["use_mini_batched_version": false]) is LossObjective)
        #expect(try objective("MatryoshkaLoss", ["matryoshka_dims": [64], "loss": "MegaBatchMarginLoss"]) is Cached)
    }

    @Test func classesAreCountedInTheData() throws {
        let data = try Dataset(["a": ["x", "y"], "b": ["x", "y"]], labels: [0, 4])
        let softmax = try #require(objective("SoftmaxLoss", dataset: data) as? LossObjective)
        #expect((softmax.loss as? SoftmaxLoss)?.classCount == 5)
        let told = try #require(objective("SoftmaxLoss", ["num_labels": 7], dataset: data) as? LossObjective)
        #expect((told.loss as? SoftmaxLoss)?.classCount == 7)
    }

    @Test func unsupervisedObjectivesAreMadeWithTheModel() throws {
        #expect(try objective("ContrastiveTensionLoss") is ContrastiveTensionLoss)
        let tension = try objective("ContrastiveTensionLossInBatchNegatives", ["scale": 5])
        #expect(tension.configuration.contains { $0.key == "scale" && abs(Double($0.value)! - 5) < 1e-5 })
        #expect(try objective("DenoisingAutoEncoderLoss") is DenoisingAutoEncoderLoss)
        #expect(throws: LossInputError.self) { try objective("DenoisingAutoEncoderLoss", ["tie_encoder_decoder": false]) }
        #expect(throws: LossInputError.self) { try objective("CachedContrastiveTensionLoss") }
    }

    @Test func optionsWithoutEffectAreTaken() throws {
        #expect(throws: Never.self) {
            try objective("CachedMultipleNegativesRankingLoss", ["gather_across_devices": false, "show_progress_bar": true])
        }
        #expect(throws: LossInputError.self) { try objective("CachedMultipleNegativesRankingLoss", ["gather": false]) }
    }

    /// A loss that needs what surrounds it.
    private struct Surrounded: EmbeddingLoss {
        let name = "SurroundedLoss"
        let inputs = LossInputs(columns: ["sentence"], labels: .classes)
        var guidePath: String?
        var width, classCount: Int?
        var guide: (any Guide)?
        var options: [OptionRow<Self>] { [.init("guide", \.guidePath, "folder of the guide's model")] }

        func completed(in surroundings: LossSurroundings) throws -> Surrounded {
            var loss = self
            (loss.width, loss.classCount) = (surroundings.embeddingDimension, try surroundings.classCount?(name))
            loss.guide = try surroundings.openedGuide(guidePath, for: name)
            return loss
        }
        func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor { embeddings[0].mean() }
    }

    /// One whose parameter every training would share.
    private struct Sharing: EmbeddingLoss {
        let name = "SharingLoss"
        let inputs = LossInputs(columns: ["sentence"])
        let weight = Parameter(Tensor(1))
        var parameters: [NamedParameter] { [NamedParameter(name: "weight", parameter: weight)] }
        func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor { (embeddings[0] * weight.value).mean() }
    }

    @Test func aParameterOfTheRegisteredLossIsRefused() throws {
        LossCatalog.register(Sharing())
        do {
            _ = try LossCatalog.loss(named: "SharingLoss")
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains("SharingLoss: the parameter weight is that of the registered loss"), "\(error)")
        }
    }

    @Test func surroundingsAreThoseOfModelAndData() throws {
        LossCatalog.register(Surrounded())
        let data = try Dataset(["sentence": ["a", "b", "c"]], labels: [2, 0, 1])
        let plain = try #require(objective("SurroundedLoss", ["guide": .string(guidePath)], dataset: data) as? LossObjective)
        let loss = try #require(plain.loss as? Surrounded)
        #expect(loss.width == model.embeddingDimension && loss.classCount == 3)
        #expect(loss.guide?.embeddings(of: ["A cat."]) == (try SentenceTransformer(guidePath).encode(["A cat."])))
        #expect(throws: LossInputError.self) { try objective("SurroundedLoss", dataset: data) }
        #expect(throws: ModelFileError.self) { try objective("SurroundedLoss", ["guide": "./nowhere"], dataset: data) }
    }

    @Test func lossesThatFitAreFound() throws {
        let pairs = LossSetting(textColumns: ["a", "b"], embeddingDimension: 32, layerCount: 2)
        let names = ObjectiveCatalog.entries(fitting: [pairs]).map(\.name)
        #expect(names.contains("MultipleNegativesRankingLoss") && !names.contains("CoSENTLoss") && !names.contains("MatryoshkaLoss"))
    }

    /// An objective that counts what its options say.
    private struct Doubtful: SentenceObjective {
        let name = "DoubtfulLoss"
        let inputs = LossInputs(columns: ["sentence"])
        let width: Int
        func valueAndGradients(
            _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
        ) throws -> ObjectiveResult { ObjectiveResult(LossValue(Tensor(0)), Gradients([], [])) }
        func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue { LossValue(Tensor(0)) }
    }

    private struct Doubts: Configurable {
        var doubt = 1
        var options: [OptionRow<Self>] { [.init("doubt", \.doubt, "how much", .atLeast(0))] }
    }

    @Test func objectivesAreRegisteredWithTheirModel() throws {
        ObjectiveCatalog.register(
            ObjectiveEntry(
                "DoubtfulLoss", summary: "Doubts.", formula: "0", inputs: LossInputs(columns: ["sentence"]), settings: Doubts()
            ) { Doubtful(width: $1.embeddingDimension * $0.doubt) })
        #expect(try ObjectiveCatalog.entry(named: "DoubtfulLoss").options.map(\.defaultValue) == ["1"])
        #expect((try objective("doubtfulloss", ["doubt": 2]) as? Doubtful)?.width == 2 * model.embeddingDimension)
        #expect(ObjectiveCatalog.names.contains("DoubtfulLoss"))
        let error = #expect(throws: LossInputError.self) {
            try objective("MatryoshkaLoss", ["matryoshka_dims": [8], "loss": "DoubtfulLoss"])
        }
        #expect(error?.description.contains("no function of embeddings") == true)
        #expect(throws: LossInputError.self) { try objective("DoubtfulLoss", ["doubts": 2]) }
        // Before there is a model.
        #expect(throws: LossInputError.self) { try ObjectiveCatalog.check(LossSpecification("DoubtfulLoss", options: ["doubt": -1])) }
    }
}
