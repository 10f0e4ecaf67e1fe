import Foundation
import Testing

/// Bad input gets a clear error and the right exit code, and leaves nothing half-written.
struct BadInputTests {
    let tool: CommandLineTool
    let model = CommandLineTool.fixtureModel.path

    init() throws { tool = try CommandLineTool() }

    private func train(_ file: String, loss: String = "CoSENTLoss", model: String? = nil) throws -> CommandLineTool.Result {
        try tool.run("train", "--model", model ?? self.model, "--train", file, "--loss", loss, "--output", "out", "--epochs", "1")
    }

    private func expect(_ result: CommandLineTool.Result, code: Int32 = 1, _ parts: [String]) {
        #expect(result.code == code, "\(result.errors)")
        for part in parts { #expect(result.errors.contains(part), "\(result.errors)") }
        #expect(!tool.exists("out"))
    }

    struct BadFile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let content: Data
        let parts: [String]
        var loss = "CoSENTLoss"

        init(_ name: String, _ content: String, _ parts: [String], loss: String = "CoSENTLoss") {
            self.init(name, Data(content.utf8), parts)
            self.loss = loss
        }

        init(_ name: String, _ content: Data, _ parts: [String]) {
            testDescription = name
            self.content = content
            self.parts = parts
        }
    }

    static let files: [BadFile] = [
        BadFile("no label column", "sentence1,sentence2\na,b\n", ["CoSENTLoss needs a label"]),
        BadFile("one text column", "sentence1,score\na,1\n", ["CoSENTLoss takes 2 text columns", "sentence1"]),
        BadFile("surplus column", "id,sentence1,sentence2,score\n1,a,b,1\n", ["takes 2 text columns", "remove the columns"]),
        BadFile("score is a word", "sentence1,sentence2,score\na,b,0.5\na,b,high\n", ["row 3", "score", "high"]),
        BadFile("score is NaN", "sentence1,sentence2,score\na,b,nan\n", ["row 2", "score", "nan"]),
        BadFile(
            "score out of range", "sentence1,sentence2,score\na,b,0.5\na,b,4.5\n", ["CosineSimilarityLoss", "row 3", "4.5"],
            loss: "CosineSimilarityLoss"),
        BadFile("empty file", "", ["bad.csv", "empty"]),
        BadFile("header only", "sentence1,sentence2,score\n", ["bad.csv"]),
        BadFile(
            "not UTF-8", Data("sentence1,sentence2,score\na,\u{00}".utf8.dropLast()) + Data([0xff, 0xfe]) + Data(",1\n".utf8), ["UTF-8"]),
        BadFile("UTF-16", Data([0xff, 0xfe, 0x73, 0, 0x0a, 0]), ["bad.csv", "UTF-16", "save it as UTF-8"]),
        BadFile("ragged row", "sentence1,sentence2,score\na,b,1\na,b\n", ["row 3", "2", "3"]),
        BadFile("quote that never closes", "sentence1,sentence2,score\na,\"b,1\nc,d,0\n", ["row 2", "sentence2", "quote"]),
    ]

    @Test(arguments: files) func trainingFiles(_ file: BadFile) throws {
        try tool.write("bad.csv", file.content)
        expect(try train("bad.csv", loss: file.loss), file.parts)
    }

    @Test func filesThatAreMissing() throws {
        expect(try train("none.csv"), ["none.csv"])
        try tool.write("train.csv", CommandLineTool.pairs)
        expect(try train("train.csv", model: "nowhere"), ["nowhere"])
        try FileManager.default.createDirectory(at: tool.folder.appendingPathComponent("folder.csv"), withIntermediateDirectories: true)
        expect(try train("folder.csv"), ["folder.csv", "cannot be read: Is a directory"])
    }

    @Test func unknownLossNamesTheNearest() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        expect(try train("train.csv", loss: "CosentLos"), code: 2, ["CosentLos", "did you mean CoSENTLoss"])
    }

    @Test func lossThatDoesNotFitIsRefusedBeforeTraining() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        expect(try train("train.csv", loss: "TripletLoss"), ["TripletLoss takes 3 text columns (anchor, positive, negative)"])
    }

    @Test func outputThatHasContent() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        try FileManager.default.createDirectory(at: tool.folder.appendingPathComponent("full"), withIntermediateDirectories: true)
        try tool.write("full/precious.txt", "mine")
        let result = try tool.run("train", "--model", model, "--train", "train.csv", "--output", "full")
        #expect(result.code == 1 && result.errors.contains("full: exists and is not empty"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: tool.folder.appendingPathComponent("full").path) == ["precious.txt"])
    }

    @Test func outputThatCannotBeWritten() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        try tool.write("file", "not a folder")
        let result = try tool.run("train", "--model", model, "--train", "train.csv", "--output", "file/out")
        #expect(result.code == 1 && result.errors.contains("file/out: cannot be written: Not a directory"))
        let nameless = try tool.run("train", "--model", model, "--train", "train.csv", "--output", "")
        #expect(nameless.code == 1 && nameless.errors.contains("the output folder: its name is empty"))
        let encoding = try tool.run("encode", "--model", model, "--input", "train.csv", "--output", "file/e.npy")
        #expect(encoding.code == 1 && encoding.errors.contains("file/e.npy"))
        // Said before the work, which would be lost.
        #expect(!encoding.errors.contains("Encoding"))
    }

    @Test(
        arguments: [
            (Data([0x61, 0x0a, 0xff, 0x0a]), false, ["input: line 2 is not UTF-8"]),
            (Data("[\"a\",".utf8), true, ["input: is no JSON", "line 1, column 6"]),
            (Data("{}".utf8), true, ["input: a JSON array of strings was expected"]),
            (Data("[\"a\", 1]".utf8), true, ["input: element 1 of the array is not a string"]),
        ] as [(Data, Bool, [String])])
    func sentencesThatCannotBeRead(content: Data, isJSON: Bool, parts: [String]) throws {
        try tool.write("input", content)
        let arguments = ["encode", "--model", model, "--input", "input", "--output", "out"] + (isJSON ? ["--json"] : [])
        let (process, _, errors) = try tool.start(arguments.map { $0 == "out" ? "out.npy" : $0 })
        process.waitUntilExit()
        let text = try String(contentsOf: errors, encoding: .utf8)
        #expect(process.terminationStatus == 1)
        for part in parts { #expect(text.contains(part), "\(text)") }
        #expect(!tool.exists("out.npy"))
    }

    @Test func aKeyThatIsMisspelledOrThereTwice() throws {
        try tool.write("run.yaml", "lerning_rate: 1\n")
        expect(try tool.run("train", "--config", "run.yaml"), code: 2, ["run.yaml", "did you mean learning_rate?"])
        try tool.write("run.yaml", "epochs: 1\nnum-train-epochs: 2\n")
        expect(try tool.run("train", "--config", "run.yaml"), code: 2, ["run.yaml", "num-train-epochs is there twice"])
    }

    @Test(arguments: [
        "loss_options: " + String(repeating: "[", count: 200_000), "loss: " + String(repeating: "{a: ", count: 50_000),
        "columns:\n" + String(repeating: "- ", count: 100_000) + "a",
    ])
    func nestingDeeperThanTheStack(_ text: String) throws {
        try tool.write("run.yaml", text)
        expect(try tool.run("train", "--config", "run.yaml"), code: 2, ["run.yaml", "nested more than 200 levels deep"])
    }

    @Test func referencesThatStandForMoreThanMemoryHolds() throws {
        var yaml = "loss_options:\n  a: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
        for level in 1...12 {
            yaml += "  a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
        }
        try tool.write("run.yaml", yaml)
        expect(try tool.run("train", "--config", "run.yaml"), code: 2, ["more than a million values"])
    }

    @Test(arguments: [
        ["train", "--model", "m", "--train", "t.csv"], ["train", "--modle", "m"], ["evaluate", "--model", "m"],
        ["encode", "--model", "m", "--input", "i", "--output", "e.txt"], ["dance"],
        ["encode", "--model", "m", "--input", "i", "--output", "e.npy", "--batch-size", "0"],
        ["train", "--model", "m", "--train", "t", "--output", "o", "--batch-size", "0"],
        ["train", "--model", "m", "--train", "t", "--output", "o", "--set", "warmup=3"],
    ]) func wrongUsage(_ arguments: [String]) throws {
        let (process, output, _) = try tool.start(arguments)
        _ = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
    }
}
