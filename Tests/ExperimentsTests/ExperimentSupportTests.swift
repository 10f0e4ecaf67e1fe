import ArgumentParser
import ExperimentSupport
import Foundation
import Tapestry
import Testing

/// What the experiments share.
struct ExperimentSupportTests {
    /// A folder of its own, removed after `body`.
    private func withFolder<T>(_ body: (String) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("experiments-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    @Test func resultsArePrintedAndWritten() throws {
        var results = ResultsTable("loss", "rows", "accuracy")
        results.add("CoSENTLoss", 1_234, 0.81234)
        results.add("none", 0, Double.nan)
        #expect("\(results)".contains("│ CoSENTLoss │ 1,234 │   0.8123 │"), "\(results)")
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let plot = LineChart(title: "A title", yLabel: "y", series: [ChartSeries("a", points: [.init(step: 1, value: 2)])])
            try results.write(to: folder, plot: plot, facts: [("seed", .integer(42))])
            let file = try JSONFile.readObject(URL(fileURLWithPath: folder + "/results.json"))
            #expect(file["seed"] == .integer(42))
            #expect(
                file["rows"]
                    == .array([
                        .object(["loss": "CoSENTLoss", "rows": .integer(1_234), "accuracy": .real(0.81234)]),
                        .object(["loss": "none", "rows": .integer(0), "accuracy": "nan"]),
                    ]))
            #expect(try String(contentsOfFile: folder + "/plot.svg", encoding: .utf8).contains("A title"))
        }
    }

    @Test func trainsTheBuiltInModelOnTheBuiltInData() throws {
        try withFolder { folder in
            let options = try ExperimentOptions.parse(["--built-in", "--rows", "64", "--output", folder])
            let experiment = try Experiment("a-test", options)
            #expect(experiment.data.isBuiltIn)
            let pairs = experiment.drawn(try experiment.data.scoredPairs(.train), atMost: 100)
            #expect(pairs.rowCount == 64)
            let model = try experiment.student(layers: 1)
            #expect(model.layerCount == 1)
            let evaluator = try EmbeddingSimilarityEvaluator(experiment.data.scoredPairs(.dev).prefix(50))
            let curve = try experiment.train(model, CoSENTLoss(), on: pairs, batchSize: 16, evaluator: evaluator)
            #expect(curve.points.map(\.step) == [0, 1, 2, 3, 4])
            #expect(curve.last == (try evaluator(model).primaryValue) && curve.points[0].value != curve.last)
        }
    }

    @Test func anotherModelAtEachCall() throws {
        try withFolder { folder in
            let experiment = try Experiment("a-test", ExperimentOptions.parse(["--built-in", "--output", folder]))
            let (a, b) = (try experiment.model(), try experiment.model())
            #expect(a.parameters[0] !== b.parameters[0] && a.parameters[0].value == b.parameters[0].value)
            #expect(throws: LossInputError.self) { try experiment.student(layers: 99) }
        }
    }

    @Test(arguments: [["--built-in", "--model", "m"], ["--built-in", "--data", "d"], ["--rows", "0"], ["--learning-rate", "-1"]])
    func senselessOptionsAreRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try ExperimentOptions.parse(arguments) }
    }

    @Test func dataThatWasAskedForMustBeThere() throws {
        try withFolder { folder in
            let options = try ExperimentOptions.parse(["--data", folder + "/none", "--output", folder + "/results"])
            let experiment = try Experiment("a-test", options)
            #expect(throws: DatasetError.self) { try experiment.data.scoredPairs(.train) }
        }
    }

    @Test func nearestNeighborsDecideByTheirLabels() throws {
        try withFolder { folder in
            let experiment = try Experiment("a-test", ExperimentOptions.parse(["--built-in", "--output", folder]))
            let texts = try experiment.data.labeledTexts(.test).prefix(40)
            let model = try experiment.model()
            #expect(try NearestNeighborEvaluator(texts, among: texts)(model).primaryValue == 1)
            let wrong = try Dataset(["text": Array(texts.columns[0].texts)], labels: (texts.labels?.values ?? []).map { $0 + 100 })
            #expect(try NearestNeighborEvaluator(texts, among: wrong)(model).primaryValue == 0)
        }
    }
}
