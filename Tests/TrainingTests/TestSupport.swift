import Foundation
import Synchronization
import Tapestry
import Testing

/// A folder of its own for a test; it is removed with the value.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("TrainingTests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Names in the folder, or in one of its folders, hidden ones too.
    func content(_ name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: file(name).path).sorted()
    }
}

func fixture(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").appendingPathComponent(name)
}

/// A fixture model, with its dropout or without.
func model(_ name: String = "tiny-bert", dropout: Bool = false) throws -> SentenceTransformer {
    if dropout { return try SentenceTransformer(fixture("models/\(name)").path) }
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(at: fixture("models/\(name)"), to: folder.file(name))
    let config = folder.file(name).appendingPathComponent("config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    let without = text.replacingOccurrences(of: "_prob\": 0.1", with: "_prob\": 0.0")
    try #require(without != text)
    try without.write(to: config, atomically: true, encoding: .utf8)
    return try SentenceTransformer(folder.file(name).path)
}

/// The 40 scored pairs of the fixtures.
func pairs() throws -> Dataset { try Dataset(contentsOf: fixture("training/pairs.csv")) }

/// Weights as they are now: a later update does not change the copy.
func weights(_ model: any Module) -> [Tensor] { model.parameters.map(\.value) }

/// Settings for short runs that write only into `folder`.
func settings(
    _ folder: TemporaryFolder, epochs: Double = 1, _ configure: (inout TrainingArguments) -> Void = { _ in }
) -> TrainingArguments {
    TrainingArguments(outputDir: folder.file("output").path, numTrainEpochs: epochs, learningRate: 1e-3) {
        $0.saveStrategy = .no
        configure(&$0)
    }
}

/// Gives one metric, whose values are told beforehand, and says how often it was asked.
final class ScriptedEvaluator: Evaluator {
    let name = ""
    private let metric: String
    private let values: [Double]
    private let calls = Mutex<[(epoch: Double, steps: Int, outputPath: URL?)]>([])

    init(_ metric: String, _ values: [Double]) {
        self.metric = metric
        self.values = values
    }

    var recorded: [(epoch: Double, steps: Int, outputPath: URL?)] { calls.withLock { $0 } }

    func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let call = calls.withLock { calls in
            calls.append((epoch, steps, outputPath))
            return calls.count - 1
        }
        return EvaluationResult(metrics: [(metric, values[call])], primaryMetric: metric)
    }
}

/// Keeps what was there after each step.
final class StepRecorder: TrainerCallback {
    private(set) var weightsAfterStep: [Int: [Tensor]] = [:]
    private(set) var losses: [Double] = []

    func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        weightsAfterStep[context.state.globalStep] = weights(context.model)
        losses.append(context.lastLoss)
    }
}

/// Expects a typed error whose description holds every one of the words.
func expectError<Failure: Error>(
    _ type: Failure.Type, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown, expected \(words)", sourceLocation: sourceLocation)
    } catch let error as Failure {
        for word in words {
            #expect("\(error)".contains(word), "\(error) lacks \(word)", sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}

/// y = w · x, in double precision.
struct Line: TrainableModel {
    let w = Parameter(Tensor([[0.5]], dtype: .float64))
    func batch(_ dataset: Dataset, rows: [Int]) throws -> (x: Tensor, y: Tensor) {
        (try dataset.tensor(["x"], rows: rows, dtype: .float64), try dataset.tensor(["label"], rows: rows, dtype: .float64))
    }
}
