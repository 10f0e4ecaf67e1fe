import Foundation
import Tapestry
import Testing

/// Options of the commands that win over, or go beside, what a file says; equal scores; input that does not come out even.
struct CommandOptionTests {
    private let tool: CommandLineTool
    private let model = CommandLineTool.fixtureModel.path

    init() throws { tool = try CommandLineTool() }

    private func json(_ result: CommandLineTool.Result) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
    }

    /// Sentences that score alike stay in the order in which they were given.
    @Test func equalScoresKeepTheirOrder() throws {
        let result = try tool.run("similarity", "--model", model, "red dog", "BLUE sky", "red dog", "blue sky", "Blue Sky", "Red dog")
        let lines = result.output.split(separator: "\n").filter { $0.contains("dog") || $0.lowercased().contains("sky") }
        func order(_ names: [String]) -> [String] { lines.flatMap { line in names.filter { line.contains("│ \($0) ") } } }
        #expect(
            order(["red dog", "Red dog"]) == ["red dog", "Red dog"]
                && order(["BLUE sky", "blue sky", "Blue Sky"]) == ["BLUE sky", "blue sky", "Blue Sky"], "\(result.output)")
    }

    @Test(arguments: ["a\nb\n", "a\nb", "a\r\nb\r\n", "a\r\nb"]) func aLineIsASentence(_ text: String) throws {
        try tool.write("s.txt", text)
        let result = try tool.run("encode", "--model", model, "--input", "s.txt", "--output", "e.npy")
        #expect(result.output.contains("2 embeddings"), "\(result.output)\(result.errors)")
        let found = try NumpyFile(contentsOf: tool.folder.appendingPathComponent("e.npy")).values(as: Float.self)
        let expected = try SentenceTransformer(model).encode(["a", "b"])
        #expect(found == expected.scalars(Float.self))
    }

    @Test func normalizedEmbeddingsHaveLengthOne() throws {
        let plain = CommandLineTool.fixtureModel.deletingLastPathComponent().appendingPathComponent("tiny-dense").path
        try tool.write("s.json", #"["a red dog", "blue"]"#)
        for (flags, isUnit) in [(["--normalize"], true), ([], false)] {
            let result = try tool.run(["encode", "--model", plain, "--input", "s.json", "--json", "--output", "e.safetensors"] + flags)
            #expect(result.code == 0, "\(result.errors)")
            let rows = try SafetensorsFile(contentsOf: tool.folder.appendingPathComponent("e.safetensors")).tensor("embeddings")
            #expect(rows.norm(alongAxis: 1).values.allSatisfy { (abs($0 - 1) < 1e-5) == isUnit })
        }
    }

    /// `--loss-options` adds to and wins over those of a file; `--loss` replaces a loss that the file spells out.
    @Test func lossesOfFilesAndFlagsAreJoined() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        func losses(_ yaml: String, _ flags: String...) throws -> String {
            try tool.write(
                "run.yaml",
                "model: \(model)\ntrain: train.csv\noutput: out\nsave_strategy: \"no\"\nmax_steps: 1\ndisable_tqdm: true\n" + yaml)
            let result = try tool.run(["train", "--config", "run.yaml", "--overwrite"] + flags)
            #expect(result.code == 0, "\(result.errors)")
            return try String(contentsOf: tool.folder.appendingPathComponent("out/README.md"), encoding: .utf8)
        }
        let both = try losses("loss: {name: CoSENTLoss, scale: 5}\n", "--loss-options", #"{"similarity_fct": "pairwise_dot_score"}"#)
        #expect(both.contains(#""scale": "5.0""#) && both.contains(#""similarity_fct": "pairwise_dot_score""#))
        let won = try losses("loss: CoSENTLoss\nloss_options: {scale: 5}\n", "--loss-options", #"{"scale": 7}"#)
        #expect(won.contains(#""scale": "7.0""#))
        let other = try losses("loss: {name: CoSENTLoss, scale: 5}\n", "--loss", "AnglELoss")
        #expect(other.contains("`AnglELoss`") && other.contains(#""scale": "20.0""#))
        // What is in quotes is a text, whatever it looks like.
        let quoted = try tool.run([
            "train", "--config",
            {
                try tool.write("q.yaml", "model: \(model)\ntrain: train.csv\noutput: out\nloss: CoSENTLoss\nloss_options: {scale: \"5\"}\n")
            }(), "--overwrite",
        ])
        #expect(quoted.code == 2 && quoted.errors.contains("scale must be") && quoted.errors.contains("not \"5\""), "\(quoted.errors)")
    }

    /// A label that is chosen as an input is a label no more.
    @Test func columnsCanTakeTheLabelIn() throws {
        try tool.write("train.csv", "sentence1,score,sentence2\na,1,b\nc,0,d\ne,1,f\n")
        for (columns, note) in [("sentence2,sentence1", "| sentence2 | sentence1 | score |"), ("sentence1,score", "| sentence1 | score |")]
        {
            let result = try tool.run(
                "train", "--model", model, "--train", "train.csv", "--columns", columns, "--loss", "MultipleNegativesRankingLoss",
                "--output", "out", "--set", "max_steps=1", "--set", "save_strategy=no", "--overwrite")
            #expect(result.code == 0, "\(result.errors)")
            #expect(
                try String(contentsOf: tool.folder.appendingPathComponent("out/README.md"), encoding: .utf8).contains(note), "\(columns)")
        }
    }

    @Test func changesAndPartsAreShownWithTheirSigns() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        let result = try tool.run(
            "train", "--model", model, "--train", "train.csv", "--eval", "train.csv", "--loss", "GlobalOrthogonalRegularizationLoss",
            "--output", "out", "--epochs", "10", "--batch-size", "3", "--learning-rate", "2e-2", "--set", "save_strategy=no", "--set",
            "disable_tqdm=true")
        #expect(result.code == 0, "\(result.errors)")
        func cells(_ name: String) -> [String] {
            result.output.split(separator: "\n").first { $0.contains(name) }?.split(separator: "│").map {
                $0.trimmingCharacters(in: .whitespaces)
            } ?? []
        }
        // metric, before, after, change
        let row = cells("pearson_cosine")
        #expect(row.count == 4, "\(result.output)")
        let numbers = row.dropFirst().compactMap(Double.init)
        #expect(
            numbers.count == 3 && abs(numbers[1] - numbers[0] - numbers[2]) < 2e-4 && row[3].hasPrefix(numbers[2] >= 0 ? "+" : "-"),
            "\(row)")
        // The parts of the loss fall: the last steps are not the first ones.
        let part = cells("gor_mean")
        #expect(part.count == 3 && Double(part[2])! < Double(part[1])!, "\(result.output)")
    }

    @Test(arguments: [
        (#"{"embeddings": [[[1, 2], [3, 4]], [[1, 2], [3]]], "labels": [1, 0]}"#, ["embeddings[1][1]", "1 number, expected 2"]),
        (#"{"embeddings": [[[1, 2], [3, 4]], [[1, 2]]], "labels": [1, 0]}"#, ["embeddings[1]", "1 list, expected 2"]),
        (#"{"embeddings": [[[1, 2], [3, 4]], [[1, 2], [3, 4]]], "labels": [1, 0, 1]}"#, ["labels", "3 labels, expected 2, one a row"]),
        (#"{"embeddings": [[[1, 2], [3, 4]], [[1, 2], [3, 4]]], "labels": [1]}"#, ["labels", "1 labels, expected 2"]),
    ]) func batchesThatDoNotFitAreRefusedByPlace(_ batch: String, _ words: [String]) throws {
        try tool.write("b.json", batch)
        let result = try tool.run("loss", "CoSENTLoss", "--input", "b.json")
        #expect(result.code == 1 && words.allSatisfy(result.errors.contains), "\(result.errors)")
    }

    @Test func numbersThatJSONCannotWriteAreWords() throws {
        for (number, by) in [("Infinity", ["-Infinity", "Infinity"]), ("-Infinity", ["Infinity", "-Infinity"]), ("NaN", ["NaN", "NaN"])] {
            try tool.write("b.json", "{\"embeddings\": [[[1]], [[1]], [[0]]], \"labels\": [[\"\(number)\"]]}")
            let result = try tool.run("loss", "MarginMSELoss", "--input", "b.json", "--json", "--gradients", "--dtype", "float64")
            let gradients = try #require(try json(result)["gradients"] as? [[[Any]]], "\(result.output) \(result.errors)")
            // By p it is 2 (a p − a n − t) a, by n the other way round.
            #expect(gradients.dropFirst().map { "\($0[0][0])" } == by, "\(number)")
        }
    }

    /// As many classes as the largest number says.
    @Test func classesAreCountedFromTheLabels() throws {
        for (labels, classes) in [("[0, 2]", 3), ("[0, 1]", 2), ("[[0.5, 0.5, 0], [0, 0, 1]]", 3)] {
            let weights = (0..<classes).map { _ in "[1, 0, 0, 0, 0, 0]" }.joined(separator: ", "),
                bias = (0..<classes).map { "\($0)" }.joined(separator: ", ")
            try tool.write(
                "b.json",
                "{\"embeddings\": [[[1, 2], [3, 4]], [[1, 2], [3, 4]]], \"labels\": \(labels), \"parameters\": {\"classifier.weight\": [\(weights)], \"classifier.bias\": [\(bias)]}}"
            )
            let result = try tool.run("loss", "SoftmaxLoss", "--input", "b.json", "--json", "--dtype", "float64")
            let lse = (0..<classes).reduce(0.0) { $0 + exp(Double($1)) }
            let expected = labels == "[0, 2]" ? log(lse) - 1 : labels == "[0, 1]" ? log(lse) - 0.5 : log(lse) - (0.25 + 1)
            let value = try #require(try json(result)["value"] as? Double, "\(result.errors)")
            #expect(abs(value - expected) < 1e-12, "\(labels)")
        }
    }
}
