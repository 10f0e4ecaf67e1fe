import FaultySystem
import Foundation
import Tapestry

/// A run of three datasets, accumulation, dropout, several epochs, a cached loss and an objective with parameters of its own, in a
/// process of its own: `InterruptedRun MODEL OUTPUT [CHECKPOINT]`. It writes a checkpoint after every step and goes on from the
/// one that it is told, or, for `newest`, from the newest that is whole, if there is one. It prints the last step, and how many
/// calls changed files.
@main struct InterruptedRun {
    /// An error ends the process at once: what shows crashes writes, too, which may be what fails.
    static func main() {
        do {
            try train()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func train() throws {
        let words = CommandLine.arguments
        let model = try SentenceTransformer(words[1])
        let arguments = TrainingArguments(outputDir: words[2], numTrainEpochs: 2, perDeviceTrainBatchSize: 4, learningRate: 1e-3) {
            ($0.gradientAccumulationSteps, $0.warmupRatio, $0.weightDecay) = (3, 0.2, 0.01)
            ($0.saveSteps, $0.loggingSteps, $0.batchSampler) = (1, 2, .noDuplicates)
            if ProcessInfo.processInfo.environment["KEEP"] != nil { $0.saveTotalLimit = 2 }
        }
        let tasks = [
            try TrainingTask(
                pairs(13), name: "classes",
                loss: SoftmaxLoss(
                    embeddingDimension: model.embeddingDimension, classCount: 3, features: [.embeddings, .difference])),
            try TrainingTask(pairs(14).removeColumns(["label"]), name: "pairs", loss: MultipleNegativesRankingLoss()),
            try TrainingTask(
                pairs(8).removeColumns(["label"]), name: "cached",
                objective: CachedMultipleNegativesRankingLoss(miniBatchSize: 3)),
        ]
        let trainer = try Trainer(model, tasks: tasks, arguments: arguments)
        switch words.dropFirst(3).first {
        case nil: break
        case "newest": try trainer.resumeFromNewestCheckpoint()
        case let path?: try trainer.resume(from: path)
        }
        try trainer.train()
        print(trainer.state.globalStep, faulty_system_call_count())
    }

    private static func pairs(_ count: Int) throws -> Dataset {
        let rows = 0..<count
        return try Dataset(
            ["first": rows.map { "a number like \($0) or \($0 * 7 % 5)" }, "second": rows.map { "number \($0) it is" }],
            labels: rows.map { Double($0 % 3) })
    }
}
