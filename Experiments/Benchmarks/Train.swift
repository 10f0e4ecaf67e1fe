import ArgumentParser
import ExperimentSupport
import Foundation
import Tapestry

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Training steps with dropout: pairs/s over all but the first three, and peak memory.",
        usage: """
            Benchmarks train --model models/minilm --data stsb --batch 64
            Benchmarks train --loss cached --batch 1024 --mini-batch 32 --steps 6
            """)

    /// As the original's script calls them.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case cosent, mnrl, cached
    }

    @Option(help: "Model directory.") var model = "models/minilm"
    @Option(help: "Folder with stsb-en-train.csv.") var data = "stsb"
    @Option(help: "CoSENT, multiple negatives ranking, or that cached.") var loss = Kind.cosent
    @Option(help: "Pairs a step.") var batch = 64
    @Option(help: "Sequences of a mini-batch of the cached loss.") var miniBatch = 32
    @Option(help: "Steps.") var steps = 30
    @OptionGroup var original: Original
    @Flag(help: .hidden) var figuresOnly = false

    func run() throws {
        if figuresOnly { return print(try measure().map { "\($0)" }.joined(separator: " ")) }
        try original.compare(
            "training, \(loss.rawValue), batch \(batch)", ["pairs/s", "peak memory, MiB"], larger: [true, false], script: "peer_train.py",
            arguments: [model, data, loss.rawValue, "\(batch)", "\(steps)"], units: ["pairs/s", "MiB"], ours: measureInAProcessOfItsOwn)
    }

    private var objective: any SentenceObjective {
        switch loss {
        case .cosent: LossObjective(CoSENTLoss())
        case .mnrl: LossObjective(MultipleNegativesRankingLoss())
        case .cached: CachedMultipleNegativesRankingLoss(miniBatchSize: miniBatch)
        }
    }

    private func measureInAProcessOfItsOwn() throws -> [Double] {
        try figuresOfAnotherProcess([
            "train", "--model", model, "--data", data, "--loss", loss.rawValue, "--batch", "\(batch)",
            "--mini-batch", "\(miniBatch)", "--steps", "\(steps)", "--figures-only",
        ])
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
        try Trainer(encoder, objective: objective, dataset: dataset, arguments: arguments, callbacks: [clock]).train()
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
