import Foundation
import Tapestry
import Testing

/// The output folder: when it is refused, and how a model gets there.
struct OutputFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aNewFolderIsMadeWithItsParents() throws {
        let path = folder.file("a/b/c").path
        try OutputFolder.prepare(path, allowingExisting: false)
        #expect(try folder.content("a/b/c").isEmpty)
        // An empty one is as good as none.
        try OutputFolder.prepare(path, allowingExisting: false)
    }

    @Test func aFolderWithContentIsRefusedUnlessAllowed() throws {
        try Data("mine".utf8).write(to: folder.file("notes.txt"))
        expectError(TrainingError.self, [folder.url.path, "not empty"]) {
            try OutputFolder.prepare(folder.url.path, allowingExisting: false)
        }
        try OutputFolder.prepare(folder.url.path, allowingExisting: true)
        #expect(try folder.content() == ["notes.txt"])
    }

    @Test func aFileInTheWayIsRefused() throws {
        let file = folder.file("notes.txt")
        try Data("mine".utf8).write(to: file)
        for isAllowed in [false, true] {
            expectError(TrainingError.self, [file.path, "is a file"]) {
                try OutputFolder.prepare(file.path, allowingExisting: isAllowed)
            }
            let below = file.appendingPathComponent("output").path
            expectError(TrainingError.self, [below, "cannot be written"]) {
                try OutputFolder.prepare(below, allowingExisting: isAllowed)
            }
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == "mine")
    }

    @Test func theModelIsSavedBesideCheckpoints() throws {
        let output = folder.file("output")
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs(),
            arguments: settings(folder) { ($0.saveStrategy, $0.saveSteps) = (.steps, 3) })
        try trainer.train()
        try trainer.saveModel(to: output.path)
        let names = try folder.content("output")
        #expect(names.filter { $0.hasPrefix("checkpoint-") } == ["checkpoint-3", "checkpoint-5"])
        #expect(
            Set(names).isSuperset(of: [
                "modules.json", "config.json", "model.safetensors", "1_Pooling", "tokenizer.json", "trainer_state.json",
                "training_args.json", "config_sentence_transformers.json",
            ]))
        #expect(names.allSatisfy { !$0.hasPrefix(".") })
        let texts = try Array(pairs().columns[0].texts)
        #expect(try SentenceTransformer(output.path).encode(texts) == trainer.model.encode(texts))
        // The state tells the end of training as well.
        let state = try JSONFile.readObject(output.appendingPathComponent("trainer_state.json"))
        guard case .array(let history)? = state["log_history"], case .object(let last)? = history.last else {
            throw TrainingArgumentError("no log")
        }
        #expect(last["train_loss"] != nil)

        // A second one takes the place of the first.
        trainer.model.parameters[0].update { $0 = $0 * 2 }
        try trainer.saveModel(to: output.path)
        #expect(try folder.content("output") == names)
        #expect(try SentenceTransformer(output.path).encode(texts) == trainer.model.encode(texts))
    }
}
