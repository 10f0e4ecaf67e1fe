import Foundation
import Tapestry

/// A run of two datasets, accumulation, dropout, several epochs and an objective with parameters of its own, in a process of
/// its own: `InterruptedRun MODEL OUTPUT [CHECKPOINT]`. It writes a checkpoint after every step and goes on from the one
/// that it is told.
@main struct InterruptedRun {
    static func main() throws {
        let words = CommandLine.arguments
        let model = try SentenceTransformer(words[1])
        let arguments = TrainingArguments(outputDir: words[2], numTrainEpochs: 2, perDeviceTrainBatchSize: 4, learningRate: 1e-3) {
            ($0.gradientAccumulationSteps, $0.warmupRatio, $0.weightDecay) = (3, 0.2, 0.01)
            ($0.saveSteps, $0.loggingSteps, $0.batchSampler) = (1, 2, .noDuplicates)
        }
        let tasks = [
            try TrainingTask(
                pairs(13), name: "classes",
                loss: SoftmaxLoss(
                    embeddingDimension: model.embeddingDimension, classCount: 3, features: [.embeddings, .difference])),
            try TrainingTask(pairs(22).removeColumns(["label"]), name: "pairs", loss: MultipleNegativesRankingLoss()),
        ]
        let trainer = try Trainer(model, tasks: tasks, arguments: arguments)
        if words.count > 3 { try trainer.resume(from: words[3]) }
        try trainer.train()
        print(trainer.state.globalStep)
    }

    private static func pairs(_ count: Int) throws -> Dataset {
        let rows = 0..<count
        return try Dataset(
            ["first": rows.map { "a number like \($0) or \($0 * 7 % 5)" }, "second": rows.map { "number \($0) it is" }],
            labels: rows.map { Double($0 % 3) })
    }
}
