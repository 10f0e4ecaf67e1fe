import Foundation
import Tapestry
import Testing

/// A module of one's own trains, is saved under its name, and is opened again.
struct OwnModuleTests {
    /// Weighs the numbers of an embedding.
    struct Gate: EmbeddingModule {
        let weight: Parameter
        var summary: String { "\(weight.count) weights" }

        init(width: Int) { weight = Parameter(.ones([1, width])) }

        init(folder: URL) throws {
            let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("gate.safetensors"))
            weight = Parameter(.zeros(file["weight"]?.shape ?? []))
            try Weights.load(namedParameters, from: file)
        }

        func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }

        func callAsFunction(_ features: Features, in context: Context) -> Features {
            var features = features
            features.sentenceEmbedding = features.requiredSentenceEmbedding * weight.value
            return features
        }

        func copied() -> Gate { Gate(width: weight.shape[1]).takingValues(of: self) }

        func save(to folder: URL) throws { try Weights.save(namedTensors, to: folder.appendingPathComponent("gate.safetensors")) }
    }

    /// The same under another name, which nobody registers.
    struct Stranger: EmbeddingModule {
        let gate: Gate
        var summary: String { gate.summary }
        static var typeName: String { "my.package.Stranger" }

        init(_ gate: Gate) { self.gate = gate }
        init(folder: URL) throws { gate = try Gate(folder: folder) }
        func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }
        func callAsFunction(_ features: Features, in context: Context) -> Features { gate(features, in: context) }
        func copied() -> Stranger { Stranger(gate.copied()) }
        func save(to folder: URL) throws { try gate.save(to: folder) }
    }

    /// Says no more than it must.
    struct Scale: EmbeddingModule {
        let factor: Parameter

        init(_ factor: Tensor) { self.factor = Parameter(factor) }
        init(folder: URL) throws {
            self.init(Tensor(0))
            try Weights.load(namedParameters, from: WeightFiles(folder: folder))
        }
        func callAsFunction(_ features: Features, in context: Context) -> Features {
            var features = features
            features.sentenceEmbedding = features.requiredSentenceEmbedding * factor.value
            return features
        }
        func copied() -> Scale { Scale(Tensor(0)).takingValues(of: self) }
    }

    /// A module of the original that this library lacks, under the original's name.
    struct OwnDropout: EmbeddingModule {
        static var typeName: String { ModuleKind.dropout.typeName(.version6) }
        var summary: String { "dropout" }

        init() {}
        init(folder: URL) throws {}
        func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }
        func callAsFunction(_ features: Features, in context: Context) -> Features { features }
        func copied() -> OwnDropout { self }
        func save(to folder: URL) throws {}
    }

    private let folder: TemporaryFolder
    private let plain: SentenceTransformer

    init() throws {
        folder = try TemporaryFolder()
        plain = try model("mini-bert")
    }

    private func trained(_ module: any EmbeddingModule) throws -> (trainer: Trainer<SentenceTransformer>, best: [Tensor]?) {
        let recorder = StepRecorder()
        let trainer = try Trainer(
            SentenceTransformer(plain.input.copied(), plain.modules + [module]), loss: CosineSimilarityLoss(),
            dataset: pairs(), evaluator: ScriptedEvaluator("score", [0.3, 0.8, 0.5, 0.7, 0.6]),
            arguments: settings(folder) {
                ($0.saveStrategy, $0.saveSteps, $0.evalStrategy, $0.evalSteps) = (.steps, 1, .steps, 1)
                ($0.loadBestModelAtEnd, $0.metricForBestModel) = (true, "score")
            }, callbacks: [recorder])
        try trainer.train()
        return (trainer, recorder.weightsAfterStep[2])
    }

    @Test func itIsSavedUnderItsNameAndOpenedAgain() throws {
        ModuleCatalog.register(Gate.self)
        let (trainer, best) = try trained(Gate(width: plain.embeddingDimension))
        #expect(weights(trainer.model) == best)
        try trainer.model.save(to: folder.file("saved").path)
        let list = try ModelDirectory(contentsOf: folder.file("saved"), allowingUnknownModules: true)
        let last = try #require(list.modules.last)
        #expect(last.type == "Gate" && last.path == "\(list.modules.count - 1)_Gate" && last.kind == nil)
        for path in ["saved", "output/checkpoint-2"] {
            let again = try SentenceTransformer(folder.file(path).path)
            #expect(again.allModules.last is Gate)
            #expect(weights(again) == best)
            #expect(again.encode(["a cat", "red"]) == trainer.model.encode(["a cat", "red"]))
        }
    }

    @Test func theBestModelComesBackThoughNobodyRegisteredIt() throws {
        let (trainer, best) = try trained(Stranger(Gate(width: plain.embeddingDimension)))
        #expect(weights(trainer.model) == best)
        let path = folder.file("output/checkpoint-2").path
        expectError(ModelFileError.self, ["modules.json", "my.package.Stranger", "ModuleCatalog.register"]) {
            _ = try SentenceTransformer(path)
        }
        #expect(FileManager.default.fileExists(atPath: "\(path)/\(trainer.model.allModules.count - 1)_Stranger/gate.safetensors"))
    }

    @Test func whatItDoesNotSayFollowsFromItsParameters() throws {
        ModuleCatalog.register(Scale.self)
        let model = SentenceTransformer(plain.input, plain.modules + [Scale(Tensor(-2))])
        #expect(model.embeddingDimension == plain.embeddingDimension)
        try model.save(to: folder.file("saved").path)
        let again = try SentenceTransformer(folder.file("saved").path)
        #expect(again.encode(["a cat"]) == plain.encode(["a cat"]) * -2)
        #expect((again.allModules.last as? Scale)?.copied().factor.value.item == -2)
    }

    @Test(arguments: [ModelFileStyle.legacy, .version6])
    func aModuleOfTheOriginalIsKnownByBothItsNames(style: ModelFileStyle) throws {
        ModuleCatalog.register(OwnDropout.self)
        try SentenceTransformer(plain.input, plain.modules + [OwnDropout()]).save(to: folder.file("saved").path)
        let list = folder.file("saved/modules.json")
        let text = try String(contentsOf: list, encoding: .utf8)
        #expect(text.contains(OwnDropout.typeName))
        try text.replacingOccurrences(of: OwnDropout.typeName, with: ModuleKind.dropout.typeName(style))
            .write(to: list, atomically: true, encoding: .utf8)
        #expect(try SentenceTransformer(folder.file("saved").path).allModules.last is OwnDropout)
    }
}
