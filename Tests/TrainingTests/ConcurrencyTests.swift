import Foundation
import Tapestry
import Testing

/// Threads that share a model, or only the machine. `make sanitize` runs these for a minute under the thread sanitizer.
@Suite(.serialized) struct ConcurrencyTests {
    private static let texts = (0..<24).map {
        "the \(["red", "quiet", "small"][$0 % 3]) \(["fox", "dog", "cat", "bird"][$0 % 4]) sleeps \($0)"
    }
    private static let duration = Duration.seconds(Double(ProcessInfo.processInfo.environment["STRESS_SECONDS"] ?? "") ?? 1)

    /// Trains for some steps; the weights of the end.
    @discardableResult
    private static func train(_ model: SentenceTransformer, steps: Int, seed: UInt64) throws -> [Tensor] {
        let optimizer = Optimizer(AdamW(), parameters: model.namedParameters, weightDecay: 0.01)
        let objective = LossObjective(MultipleNegativesRankingLoss())
        for step in 0..<steps {
            let rows = (0..<6).map { (step * 5 + $0 * 3 + Int(seed)) % (texts.count - 1) }
            let batch = TrainingBatch(texts: [rows.map { texts[$0] }, rows.map { texts[$0 + 1] }], labels: nil, model: model)
            let key = RandomKey(seed).folded(with: UInt64(step))
            let found = try objective.valueAndGradients(model, batch, key: key, detectingAnomalies: false)
            optimizer.step(found.gradients, learningRate: 1e-3, maximumNorm: 1)
        }
        return weights(model)
    }

    @Test func tasksEncodeWithAModelThatAnotherTrains() async throws {
        let steps = 4
        let expected = try Self.train(model(dropout: true), steps: steps, seed: 1)
        let end = ContinuousClock.now + Self.duration
        repeat {
            let model = try model(dropout: true)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask { try Self.train(model, steps: steps, seed: 1) == expected }
                for task in 0..<3 {
                    group.addTask {
                        (0..<3).allSatisfy { round in
                            let embeddings = model.encode(Array(Self.texts.dropFirst(task + round)), batchSize: 7)
                            return embeddings.isFinite && !embeddings.isRecorded
                        }
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        } while ContinuousClock.now < end
    }

    @Test func trainingsBesideEachOtherGiveTheBitsOfOneAfterTheOther() async throws {
        let seeds: [UInt64] = [1, 2]
        let expected = try seeds.map { try Self.train(model(dropout: true), steps: 4, seed: $0) }
        #expect(expected[0] != expected[1])
        let end = ContinuousClock.now + Self.duration
        repeat {
            let found = try await withThrowingTaskGroup(of: (UInt64, [Tensor]).self) { group in
                for seed in seeds { group.addTask { (seed, try Self.train(model(dropout: true), steps: 4, seed: seed)) } }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(seeds.map { found[$0] } == expected)
        } while ContinuousClock.now < end
    }
}
