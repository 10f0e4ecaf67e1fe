import Foundation
import Tapestry
import Testing

@testable import Training

/// How embeddings lie is told while they are learned, and a collapse is warned of.
struct GeometryTests {
    @Test func figuresOfAFewRows() throws {
        // Four corners of a square, and each turned by a right angle.
        let corners = Tensor([[1, 0], [0, 2], [-3, 0], [0, -1]], dtype: .float64)
        let turned = Tensor([[0, 1], [-1, 0], [0, -1], [1, 0]], dtype: .float64)
        let found = try #require(EmbeddingGeometry([corners, turned]))
        #expect(abs(found.alignment! - 2) < 1e-12 && abs(found.effectiveRank - 2) < 1e-12 && found.dimension == 2 && found.rowCount == 4)
        // Of the 6 pairs 4 are √2 apart, 2 are 2 apart.
        #expect(abs(found.uniformity - log((4 * exp(-4.0) + 2 * exp(-8.0)) / 6)) < 1e-12 && !found.hasCollapsed)
        #expect(
            EmbeddingGeometry([corners])?.alignment == nil && EmbeddingGeometry([corners.sliced(0..<3)]) == nil
                && EmbeddingGeometry([]) == nil)
    }

    @Test(arguments: [(0.0, true), (1e-3, true), (1.0, false)]) func collapsesAreSeen(spread: Double, isCollapsed: Bool) throws {
        let noise = Tensor.normal([300, 16], dtype: .float32, key: RandomKey(3)) * spread
        let found = try #require(EmbeddingGeometry([noise + 1]))
        #expect(found.hasCollapsed == isCollapsed && found.rowCount == 256, "\(found)")
        if spread == 0 { #expect(found.effectiveRank == 0 && abs(found.uniformity) < 1e-5) }
    }

    @Test func aLineIsACollapse() throws {
        let line = Tensor((0..<20).map { [cos(0.01 * Double($0)), sin(0.01 * Double($0)), 0] }.flatMap { $0 }, shape: [20, 3])
        #expect(try #require(EmbeddingGeometry([line])).hasCollapsed)
    }

    @Test(arguments: [false, true]) func trainingTellsItAtEveryLogEntry(isCached: Bool) throws {
        final class Reader: TrainerCallback {
            var found: [EmbeddingGeometry?] = []
            func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)]) {
                found.append(context.geometry)
            }
        }
        let (folder, reader) = (try TemporaryFolder(), Reader())
        let loss = MultipleNegativesRankingLoss()
        let objective: any SentenceObjective = isCached ? Cached(loss, miniBatchSize: 3) : LossObjective(loss)
        let trainer = try Trainer(
            model(), tasks: [TrainingTask(pairs().selecting(inputs: ["sentence1", "sentence2"]), objective: objective)],
            arguments: settings(folder) { ($0.loggingSteps, $0.maxGradNorm) = (2, 1e-6) }, callbacks: [reader])
        try trainer.train()
        #expect(reader.found.count == 3 && reader.found[0]?.dimension == 32 && reader.found[0]?.alignment != nil, "\(reader.found)")
        #expect(reader.found[0] != reader.found[1] && trainer.geometry == reader.found[1])
        #expect(trainer.clippedStepCount == trainer.state.globalStep)
    }

    /// All sentences are pulled together, until nothing tells them apart.
    private struct Pull: EmbeddingLoss {
        let inputs = LossInputs(columns: ["sentence1", "sentence2"])
        func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
            (embeddings[0] - Tensor.ones([1, embeddings[0].shape[1]], dtype: embeddings[0].dtype)).square().mean()
        }
    }

    @Test func aCollapseInTrainingIsWarnedOf() throws {
        let trainer = try Trainer(
            model(), loss: Pull(), dataset: pairs().selecting(inputs: ["sentence1", "sentence2"]),
            arguments: settings(TemporaryFolder(), epochs: 40) { ($0.learningRate, $0.loggingSteps) = (1e-2, 10) })
        try trainer.train()
        #expect(trainer.warnings.filter { $0.contains("have collapsed") }.count == 1, "\(trainer.geometry.debugDescription)")
    }
}
