import Foundation
import Tapestry
import Testing

/// A process that is killed, or whose disk refuses, at any call that changes files loses nothing that was saved before, and the
/// run that goes on ends with the bytes of one that nothing has happened to.
///
/// A few of the calls are tried; `FAULTS=200` tries so many of them, spread over the run, `FAULTS=all` every one.
struct FaultTests {
    private let folder: TemporaryFolder
    private let keepingTwo = ["KEEP": "2"]

    init() throws { folder = try TemporaryFolder() }

    /// Numbers of calls, spread evenly over all.
    private static func chosen(of count: Int) -> [Int] {
        let wish = ProcessInfo.processInfo.environment["FAULTS"]
        let wanted = wish == "all" ? count : min(count, wish.flatMap { Int($0) } ?? 8)
        return (0..<wanted).map { 1 + ($0 * count + count / 2) / wanted }
    }

    @Test(arguments: ["kill", "full", "readonly"]) func whatWasSavedIsNeverLost(fault: String) throws {
        let whole = try ProcessRun(in: folder.file("whole"), environment: keepingTwo)
        let (last, count) = (try #require(whole.lastStep, "\(whole.errors)"), try #require(whole.callCount))
        let expected = try whole.files(ofCheckpoint: last)
        let kept = try Checkpoint.all(in: whole.output.path).map(\.step)
        #expect(count > 100 && kept == [last - 1, last], "\(count) calls, \(kept)")
        for number in Self.chosen(of: count) {
            let place = folder.file("\(number)")
            defer { try? FileManager.default.removeItem(at: place) }
            let broken = try ProcessRun(in: place, from: "newest", environment: keepingTwo.merging(["FAULT": "\(fault):\(number)"]) { $1 })
            if fault == "kill" {
                #expect(broken.status == 9, "call \(number): \(broken.errors)")
            } else if broken.lastStep == nil {
                #expect(broken.errors.contains("output"), "call \(number): \(broken.errors)")
            }
            // Whatever can be seen is whole.
            for checkpoint in try Checkpoint.all(in: broken.output.path) {
                #expect(checkpoint.problem == nil, "call \(number): \(checkpoint.path)")
            }
            let rest = try ProcessRun(in: place, from: "newest", environment: keepingTwo)
            #expect(rest.lastStep == last, "call \(number): \(rest.errors)")
            let found = try rest.files(ofCheckpoint: last)
            #expect(found.keys.sorted() == expected.keys.sorted(), "call \(number)")
            for (path, bytes) in expected where found[path] != bytes { Issue.record("call \(number): \(path)") }
            let names = try FileManager.default.contentsOfDirectory(atPath: rest.output.path)
            #expect(names.allSatisfy { $0.hasPrefix("checkpoint-") }, "call \(number): \(names)")
        }
    }

    // MARK: Broken checkpoints

    /// A run of which each step has a checkpoint.
    private func trainer(_ configure: (inout TrainingArguments) -> Void = { _ in }) throws -> Trainer<SentenceTransformer> {
        try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs(),
            arguments: settings(folder) {
                ($0.saveStrategy, $0.saveSteps) = (.steps, 1)
                configure(&$0)
            })
    }

    @Test func theNewestThatIsWholeIsTaken() throws {
        let whole = try trainer()
        try whole.train()
        let output = folder.file("output")
        func file(_ path: String) -> URL { output.appendingPathComponent(path) }
        try FileManager.default.removeItem(at: file("checkpoint-5/model.safetensors"))
        let handle = try FileHandle(forWritingTo: file("checkpoint-4/training_state.safetensors"))
        try handle.truncate(atOffset: 1000)
        try handle.close()
        var bytes = try Data(contentsOf: file("checkpoint-3/tokenizer.json"))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file("checkpoint-3/tokenizer.json"))

        for (step, words) in [
            (5, ["model.safetensors is missing"]), (4, ["training_state.safetensors has 1000 bytes"]),
            (3, ["tokenizer.json is not what was written"]),
        ] {
            let path = file("checkpoint-\(step)").path
            let words = words + [path, "the newest that is whole is \(file("checkpoint-2").path)"]
            expectError(TrainingError.self, words) { try trainer().resume(from: path) }
        }
        let rest = try trainer()
        #expect(try rest.resumeFromNewestCheckpoint() == file("checkpoint-2").path)
        #expect(rest.state.globalStep == 2 && rest.warnings.filter { $0.contains("is passed over") }.count == 3, "\(rest.warnings)")
        try rest.train()
        #expect(weights(rest.model) == weights(whole.model))
        // The broken ones have been written anew.
        #expect(try Checkpoint.newestWhole(in: output.path).checkpoint?.step == 5)

        for step in 1...5 { try FileManager.default.removeItem(at: file("checkpoint-\(step)/manifest.json")) }
        expectError(TrainingError.self, ["manifest.json is missing", "no other checkpoint"]) {
            try trainer().resumeFromNewestCheckpoint()
        }
        try FileManager.default.removeItem(at: output)
        #expect(try trainer().resumeFromNewestCheckpoint() == nil)
    }

    @Test func otherArgumentsAreWarnedOf() throws {
        try trainer().train()
        let same = try trainer { $0.disableTqdm = true }
        try same.resumeFromNewestCheckpoint()
        #expect(same.warnings.isEmpty)
        let other = try trainer { $0.learningRate = 5e-4 }
        try other.resumeFromNewestCheckpoint()
        #expect(other.warnings.count == 1 && other.warnings[0].contains("learning_rate was 0.001 and is 0.0005"), "\(other.warnings)")
    }

    @Test func twoRunsDoNotWriteIntoOneFolder() throws {
        /// Begins another run during the first one.
        final class Intruder: TrainerCallback {
            let begin: () throws -> Void
            var error: (any Error)?
            init(_ begin: @escaping () throws -> Void) { self.begin = begin }
            func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
                do { try begin() } catch { self.error = error }
            }
        }
        let other = try trainer { $0.maxSteps = 1 }
        let intruder = Intruder { try other.train() }
        let first = try trainer { $0.maxSteps = 1 }
        first.addCallback(intruder)
        try first.train()
        #expect("\(intruder.error.map { "\($0)" } ?? "")".contains("another run is writing into it"))
        try other.train()
        #expect(other.state.globalStep == 1)
    }

    @Test func whatAKilledProcessLeftIsRemoved() throws {
        for name in [".tmp-1/model", ".old-2"] {
            try FileManager.default.createDirectory(at: folder.file("output/\(name)"), withIntermediateDirectories: true)
        }
        try trainer { $0.maxSteps = 1 }.train()
        #expect(try folder.content("output") == ["checkpoint-1"])
    }
}
