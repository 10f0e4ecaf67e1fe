import Foundation
import Tapestry
import Testing

/// A run that is stopped after any step and goes on in a new process ends with the bytes of one that was never stopped.
struct ResumeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Trains in a process of its own, in a folder of its own.
    ///
    /// - Returns: The last step.
    private func run(in name: String, from checkpoint: URL? = nil) throws -> Int {
        let place = folder.file(name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let bundle = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
        let process = Process()
        process.executableURL = bundle.deletingLastPathComponent().appendingPathComponent("InterruptedRun")
        process.arguments = [fixture("models/tiny-bert").path, "output"] + (checkpoint.map { [$0.path] } ?? [])
        process.currentDirectoryURL = place
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try #require(Int(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Contents of all files below a folder, by path.
    private func files(_ root: URL) throws -> [String: Data] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        return try Dictionary(
            uniqueKeysWithValues: paths.compactMap { path in
                let url = root.appendingPathComponent(path)
                let isFolder = try url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory!
                return isFolder ? nil : (path, try Data(contentsOf: url))
            })
    }

    @Test func everyStepCanBeTheLastOfAProcess() throws {
        let last = try run(in: "whole")
        #expect(last == 8)
        let expected = try files(folder.file("whole/output/checkpoint-\(last)"))
        #expect(expected.keys.contains("training_state.safetensors"))
        #expect(expected.keys.contains("model.safetensors"))
        // Training has changed something at each step, or equal bytes would say nothing.
        let earlier = try files(folder.file("whole/output/checkpoint-\(last - 1)"))
        #expect(earlier["model.safetensors"] != expected["model.safetensors"])
        for step in 1..<last {
            let name = "from-\(step)"
            #expect(try run(in: name, from: folder.file("whole/output/checkpoint-\(step)")) == last)
            let found = try files(folder.file("\(name)/output/checkpoint-\(last)"))
            #expect(found.keys.sorted() == expected.keys.sorted())
            for (path, bytes) in expected { #expect(found[path] == bytes, "after step \(step): \(path)") }
            let written = try FileManager.default.contentsOfDirectory(atPath: folder.file("\(name)/output").path)
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
        expectError(ModelFileError.self, [folder.url.path]) { try trainer().resume(from: folder.url.path) }
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
}
