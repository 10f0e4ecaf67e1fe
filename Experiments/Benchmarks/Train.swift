import ArgumentParser
import Foundation
import Tapestry

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Training steps with CoSENTLoss, dropout on: pairs/s over all but the first three, and peak memory.")

    @Option(help: "Model directory.") var model = "models/minilm"
    @Option(help: "Folder with stsb-en-train.csv.") var data = "stsb"
    @Option(help: "Pairs a step.") var batch = 64
    @Option(help: "Steps.") var steps = 30
    @OptionGroup var original: Original
    @Flag(help: .hidden) var figuresOnly = false

    func run() throws {
        if figuresOnly { return print(try measure().map { "\($0)" }.joined(separator: " ")) }
        try original.compare(
            "training, batch \(batch)", ["pairs/s", "peak memory, MiB"], larger: [true, false], script: "peer_train.py",
            arguments: [model, data, "cosent", "\(batch)", "\(steps)"], units: ["pairs/s", "MiB"], ours: measureInAProcessOfItsOwn)
    }

    /// Peak memory belongs to a process, so each turn has one.
    private func measureInAProcessOfItsOwn() throws -> [Double] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["train", "--model", model, "--data", data, "--batch", "\(batch)", "--steps", "\(steps)", "--figures-only"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
        return text.split { " \n".contains($0) }.compactMap { Double($0) }
    }

    private func measure() throws -> [Double] {
        let encoder = try SentenceTransformer(model)
        let dataset = try Dataset(contentsOf: URL(fileURLWithPath: data).appendingPathComponent("stsb-en-train.csv"))
        let clock = StepClock()
        let arguments = TrainingArguments(perDeviceTrainBatchSize: batch, learningRate: 2e-5) {
            $0.maxSteps = steps
            $0.saveStrategy = .no
            $0.dataloaderDropLast = true
        }
        try Trainer(encoder, loss: CoSENTLoss(), dataset: dataset, arguments: arguments, callbacks: [clock]).train()
        let counted = clock.times.dropFirst(3)
        return [Double(batch * counted.count) / counted.reduce(0, +), peakMemory() ?? .nan]
    }
}

/// Seconds of every step.
private final class StepClock: TrainerCallback {
    private(set) var times: [Double] = []
    private var last = ContinuousClock.now

    func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl) { last = .now }

    func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        let now = ContinuousClock.now
        let time = now - last
        times.append(Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
        last = now
    }
}
