import Foundation
import Tapestry
import Testing

/// Every command does what it says.
struct CommandTests {
    let tool: CommandLineTool
    let model = CommandLineTool.fixtureModel.path

    init() throws { tool = try CommandLineTool() }

    @Test(arguments: [[], ["train"], ["encode"], ["evaluate"], ["similarity"], ["info"], ["data"], ["losses"], ["loss"], ["quickstart"]])
    func helpTeachesByExample(_ command: [String]) throws {
        let result = command.isEmpty ? try tool.run("--help") : try tool.run(command[0], "--help")
        #expect(result.code == 0 && result.output.contains("USAGE:"))
        #expect(result.output.contains("tapestry \(command.first ?? "train")"))
    }

    @Test func trainSavesAModelThatIsUsed() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        let result = try tool.run(
            "train", "--model", model, "--train", "train.csv", "--loss", "CoSENTLoss", "--eval", "train.csv",
            "--output", "out", "--epochs", "2", "--batch-size", "3", "--learning-rate", "1e-3", "--seed", "1")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("spearman_cosine") && result.output.contains("Trained 4 steps"))
        #expect(tool.exists("out/modules.json") && tool.exists("out/report.html") && tool.exists("out/checkpoint-4/modules.json"))
        #expect(try tool.run("info", "--model", "out").code == 0)
        let original = try SentenceTransformer(model).encode(["A cat."])
        #expect(try SentenceTransformer(tool.folder.appendingPathComponent("out").path).encode(["A cat."]) != original)
    }

    @Test func flagsWinOverTheConfigurationFile() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        try tool.write(
            "run.yaml",
            """
            model: \(model)
            train: train.csv
            loss: CosineSimilarityLoss
            output: out
            epochs: 3
            batch-size: 2
            save_strategy: "no"
            lr_scheduler_type: cosine
            """)
        let result = try tool.run("train", "--config", "run.yaml", "--epochs", "1", "--set", "weight_decay=0.5")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("Trained 3 steps"))
        let arguments = try String(contentsOf: tool.folder.appendingPathComponent("out/training_args.json"), encoding: .utf8)
        #expect(arguments.contains("\"num_train_epochs\": \"1.0\"") && arguments.contains("\"per_device_train_batch_size\": \"2\""))
        #expect(arguments.contains("\"lr_scheduler_type\": \"cosine\"") && arguments.contains("\"weight_decay\": \"0.5\""))
    }

    @Test func encodeWritesOneRowALine() throws {
        try tool.write("sentences.txt", "A cat.\r\n\nA dog runs.")
        let result = try tool.run("encode", "--model", model, "--input", "sentences.txt", "--output", "e.npy")
        #expect(result.code == 0 && result.output.contains("3 embeddings of 32 numbers"))
        let file = try NumpyFile(contentsOf: tool.folder.appendingPathComponent("e.npy"))
        let expected = try SentenceTransformer(model).encode(["A cat.", "", "A dog runs."])
        #expect(file.shape == [3, 32])
        #expect(try file.values(as: Float.self) == expected.scalars(Float.self))
    }

    @Test func encodeReadsJSONAndWritesSafetensors() throws {
        try tool.write("sentences.json", #"["A cat.", "line\nbreak"]"#)
        let result = try tool.run(
            "encode", "--model", model, "--input", "sentences.json", "--json", "--normalize",
            "--output", "e.safetensors")
        #expect(result.code == 0, "\(result.errors)")
        let tensor = try SafetensorsFile(contentsOf: tool.folder.appendingPathComponent("e.safetensors")).tensor("embeddings")
        #expect(tensor == (try SentenceTransformer(model).encode(["A cat.", "line\nbreak"], normalizesEmbeddings: true)))
    }

    @Test func evaluateMeasuresPairsAndTriplets() throws {
        try tool.write("pairs.csv", CommandLineTool.pairs)
        try tool.write("triplets.csv", "anchor,positive,negative\nA cat.,A cat.,Snow falls.\nA dog.,A dog.,It rains.\n")
        let result = try tool.run("evaluate", "--model", model, "--sts", "pairs.csv", "--triplets", "triplets.csv")
        #expect(result.code == 0 && result.output.contains("pearson_cosine") && result.output.contains("spearman_cosine"))
        #expect(result.output.contains("cosine_accuracy") && result.output.contains("1.00000"))
    }

    @Test func similarityRanks() throws {
        let result = try tool.run("similarity", "--model", model, "A cat sits.", "Snow falls.", "A cat sits.")
        #expect(result.code == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines[3].contains("1.0000") && lines[3].contains("A cat sits."))
    }

    @Test func infoShowsModulesAndCounts() throws {
        let result = try tool.run("info", "--model", model)
        #expect(result.code == 0)
        for word in ["Transformer", "Pooling", "Normalize", "embedding dimension 32", "mean"] { #expect(result.output.contains(word)) }
    }

    @Test func quickstartImprovesAndRepeats() throws {
        let results = try (0..<2).map { try tool.run("quickstart", "--epochs", "1", "--output", "quick\($0)") }
        for result in results {
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.output.contains("pairs_spearman_cosine") && result.output.contains("Closest to:"))
            let found = try #require(
                try /paraphrase comes first in (\d+) of 100 such lists; before training, in (\d+)/.firstMatch(in: result.output))
            #expect(Int(found.1)! > 2 * Int(found.2)!, "\(found.0)")
        }
        #expect(tool.exists("quick0/report.html") && tool.exists("quick0/modules.json"))
        let weights = try (0..<2).map { try Data(contentsOf: tool.folder.appendingPathComponent("quick\($0)/model.safetensors")) }
        #expect(weights[0] == weights[1])
    }

    @Test(arguments: ["steps", "no"]) func aRunThatBreaksOffKeepsTheLastGoodModel(saving: String) throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        let result = try tool.run(
            "train", "--model", model, "--train", "train.csv", "--output", "out", "--batch-size", "2",
            "--learning-rate", "1e37", "--set", "max_grad_norm=0", "--set", "save_strategy=\(saving)")
        #expect(result.code == 1 && result.errors.contains("step 2: the loss is nan; the value of "), "\(result.errors)")
        let kept = saving == "no" ? "out" : "out/checkpoint-1"
        #expect(result.errors.contains("before") && result.errors.contains(kept), "\(result.errors)")
        #expect(tool.exists("\(kept)/modules.json") && !tool.exists("out/report.html"))
    }

    @Test func linesComeInOrderWhereBothStreamsGoToOneFile() throws {
        let process = Process()
        process.executableURL = CommandLineTool.executable()
        process.arguments = ["quickstart", "--epochs", "1", "--output", "quick"]
        process.currentDirectoryURL = tool.folder
        let both = Pipe()
        process.standardOutput = both
        process.standardError = both
        try process.run()
        let text = String(decoding: both.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let places = ["Built-in data", "Training: ", "pairs_spearman_cosine", "Closest to:"].map { text.range(of: $0)?.lowerBound }
        #expect(!places.contains(nil) && places.compactMap { $0 } == places.compactMap { $0 }.sorted(), "\(text)")
    }

    @Test func interruptionSavesWhatIsTrained() throws {
        let (process, output, errors) = try tool.start(["quickstart", "--epochs", "10000", "--output", "long"])
        for _ in 0..<300 where !(try String(contentsOf: errors, encoding: .utf8)).contains("step 64") { usleep(100_000) }
        process.interrupt()
        _ = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(try String(contentsOf: errors, encoding: .utf8).contains("the model is saved in long"))
        #expect(try SentenceTransformer(tool.folder.appendingPathComponent("long").path).encode(["It rains."]).isFinite)
    }
}
