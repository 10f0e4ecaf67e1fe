import Foundation
import Tapestry
import Testing

@testable import Training

/// A run that is stopped after any step and goes on in a new process ends with the bytes of one that was never stopped.
struct ResumeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func everyStepCanBeTheLastOfAProcess() throws {
        let whole = try ProcessRun(in: folder.file("whole"))
        let last = try #require(whole.lastStep, "\(whole.errors)")
        #expect(last == 8)
        let expected = try whole.files(ofCheckpoint: last)
        #expect(expected.keys.contains("training_state.safetensors"))
        #expect(expected.keys.contains("model.safetensors"))
        // Training has changed something at each step, or equal bytes would say nothing.
        let earlier = try whole.files(ofCheckpoint: last - 1)
        #expect(earlier["model.safetensors"] != expected["model.safetensors"])
        for step in 1..<last {
            let rest = try ProcessRun(
                in: folder.file("from-\(step)"), from: whole.output.appendingPathComponent("checkpoint-\(step)").path)
            #expect(rest.lastStep == last, "\(rest.errors)")
            let found = try rest.files(ofCheckpoint: last)
            #expect(found.keys.sorted() == expected.keys.sorted())
            for (path, bytes) in expected { #expect(found[path] == bytes, "after step \(step): \(path)") }
            let written = try FileManager.default.contentsOfDirectory(atPath: rest.output.path)
            #expect(written.count == last - step)
        }
    }

    // MARK: What cannot be gone on from

    private func trainer(loss: any Loss = CosineSimilarityLoss(), maxSteps: Int = 4) throws -> Trainer<SentenceTransformer> {
        try Trainer(
            model(), loss: loss, dataset: pairs(),
            arguments: settings(folder) {
                ($0.maxSteps, $0.saveStrategy, $0.saveSteps) = (maxSteps, .steps, 2)
            })
    }

    @Test func checkpointsOfOtherRunsAreRefused() throws {
        try trainer().train()
        let checkpoint = folder.file("output/checkpoint-2").path
        expectError(TrainingError.self, [checkpoint, "5 batches", "40"]) {
            try Trainer(
                model(), loss: CosineSimilarityLoss(), dataset: pairs(),
                arguments: settings(folder) {
                    $0.perDeviceTrainBatchSize = 1
                }
            ).resume(from: checkpoint)
        }
        expectError(TrainingError.self, [checkpoint, "classifier"]) {
            let rows = try pairs()
            let labeled = try Dataset(columns: rows.columns, labels: Dataset.Column(values: (0..<rows.rowCount).map { Double($0 % 2) }))
            let width = try model().embeddingDimension
            try Trainer(model(), loss: SoftmaxLoss(embeddingDimension: width, classCount: 2), dataset: labeled).resume(from: checkpoint)
        }
        expectError(TrainingError.self, [checkpoint, "step 2", "ends at 1"]) { try trainer(maxSteps: 1).resume(from: checkpoint) }
        expectError(TrainingError.self, [folder.url.path, "manifest.json is missing"]) { try trainer().resume(from: folder.url.path) }
        expectError(TrainingError.self, [checkpoint, "shapes"]) {
            try Trainer(SentenceTransformer.untrained(), loss: CosineSimilarityLoss(), dataset: pairs()).resume(from: checkpoint)
        }
    }

    @Test func aBrokenStateIsRefusedByFileAndKey() throws {
        try trainer().train()
        let checkpoint = folder.file("output/checkpoint-2")
        let file = checkpoint.appendingPathComponent("training_state.safetensors")
        for (metadata, words) in [(["state": "[]"], ["no JSON object"]), (["state": "{}"], ["epoch_number"]), ([:], ["state"])] {
            try SafetensorsWriter.write([], metadata: metadata, to: file)
            try CheckpointManifest.write(in: checkpoint)
            expectError(ModelFileError.self, [file.path] + words) { try trainer().resume(from: checkpoint.path) }
        }
    }

    @Test func goingOnInOneProcessIsTheSame() throws {
        let whole = try trainer()
        try whole.train()
        let expected = weights(whole.model)
        let rest = try trainer()
        try rest.resume(from: folder.file("output/checkpoint-2").path)
        #expect(rest.state.globalStep == 2)
        try rest.train()
        #expect(rest.state.globalStep == 4)
        #expect(zip(weights(rest.model), expected).allSatisfy { $0 == $1 })
    }

    // MARK: As the arguments say

    @Test func theArgumentsSayWhereToGoOn() throws {
        let whole = try trainer()
        try whole.train()
        func rest(_ point: ResumePoint) throws -> Trainer<SentenceTransformer> {
            try Trainer(
                model(), loss: CosineSimilarityLoss(), dataset: pairs(),
                arguments: settings(folder) {
                    ($0.maxSteps, $0.saveStrategy, $0.saveSteps, $0.resumeFromCheckpoint) = (4, .steps, 2, point)
                })
        }
        let fromPath = try rest(.path(folder.file("output/checkpoint-2").path))
        try fromPath.train()
        #expect(fromPath.state.globalStep == 4 && fromPath.warnings.isEmpty && weights(fromPath.model) == weights(whole.model))
        let newest = try rest(.newest)
        try newest.train()
        #expect(newest.state.globalStep == 4 && newest.state.logHistory.last?.step == 4 && weights(newest.model) == weights(whole.model))
        try FileManager.default.removeItem(at: folder.file("output"))
        expectError(TrainingError.self, ["there is no checkpoint to go on from"]) { try rest(.newest).train() }
        expectError(TrainingError.self, ["there is no checkpoint"]) { try trainer().train(resumeFromCheckpoint: .newest) }
    }

    @Test func aModelAloneIsNoCheckpointToGoOnFrom() throws {
        let trainer = try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs(),
            arguments: settings(folder) { ($0.maxSteps, $0.saveStrategy, $0.saveSteps, $0.saveOnlyModel) = (2, .steps, 2, true) })
        try trainer.train()
        let path = folder.file("output/checkpoint-2").path
        #expect(!FileManager.default.fileExists(atPath: path + "/training_state.safetensors"))
        #expect(try weights(SentenceTransformer(path)) == weights(trainer.model))
        expectError(TrainingError.self, [path, "save_only_model"]) { try self.trainer().resume(from: path) }
    }

    @Test func anEpochMayBeBegunAnew() throws {
        try trainer().train()
        let rest = try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs(),
            arguments: settings(folder) { ($0.maxSteps, $0.ignoreDataSkip) = (7, true) })
        try rest.resume(from: folder.file("output/checkpoint-2").path)
        try rest.train()
        // Five more steps are a whole epoch, not the three that were left of it.
        #expect(rest.state.globalStep == 7 && rest.state.epoch == 1)
    }
}
