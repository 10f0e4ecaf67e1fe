import Foundation
import Tapestry
import Testing

/// `bf16`: what the layers compute is kept in bfloat16.
struct PackingTests {
    private static func objective(_ model: SentenceTransformer, packing: Bool) throws -> SentenceTransformer {
        try model.trained(with: TrainingArguments(outputDir: "unused") { $0.bf16 = packing })
    }

    @Test(arguments: ["plain", "cached", "recomputing"]) func theLossIsThatOfFloat32AndTheGradientNear(_ kind: String) throws {
        let model = try model(dropout: true)
        let batch = TrainingBatch(try pairs(), rows: Array(0..<40), model: model)
        let weights = model.parameters.map(\.value.values)
        func result(_ bf16: Bool) throws -> ObjectiveResult {
            let trained = try model.trained(
                with: TrainingArguments(outputDir: "unused") { ($0.bf16, $0.gradientCheckpointing) = (bf16, kind == "recomputing") })
            let objective: any SentenceObjective = kind == "cached" ? Cached(CoSENTLoss(), miniBatchSize: 32) : LossObjective(CoSENTLoss())
            return try objective.valueAndGradients(trained, batch, key: RandomKey(3), detectingAnomalies: false)
        }
        let (plain, packed) = (try result(false), try result(true))
        #expect(packed.loss == plain.loss)
        var (difference, length) = (0.0, 0.0)
        for parameter in model.parameters {
            guard let one = plain.gradients[parameter]?.tensor, let other = packed.gradients[parameter]?.tensor else { continue }
            difference += ((one - other) * (one - other)).sum().item
            length += (one * one).sum().item
        }
        #expect(length > 0 && difference > 0 && difference < 1e-4 * length, "\((difference / length).squareRoot())")
        #expect(model.parameters.map(\.value.values) == weights)
    }

    @Test func trainingWithItEndsNearTrainingWithout() throws {
        let folder = try TemporaryFolder()
        func embeddings(_ bf16: Bool) throws -> Tensor {
            let model = try model()
            try Trainer(model, loss: CoSENTLoss(), dataset: pairs(), arguments: settings(folder) { $0.bf16 = bf16 }).train()
            return model.encode(try pairs().columns[0].texts)
        }
        let (before, plain, packed) = (try model().encode(pairs().columns[0].texts), try embeddings(false), try embeddings(true))
        let change = before.maximumDifference(to: plain)
        #expect(plain.maximumDifference(to: packed) < 0.1 * change && plain.values != packed.values)
    }

    /// In a process of its own: memory is counted for all threads together.
    @Test func itTakesAboutHalfTheMemory() async {
        await #expect(processExitsWith: .success) {
            let model = try TrainingTests.model(dropout: true)
            let batch = TrainingBatch(try pairs(), rows: Array(0..<40), model: model)
            func peak(_ bf16: Bool) throws -> Int {
                let trained = try PackingTests.objective(model, packing: bf16)
                let before = CachingAllocator.statistics.bytesInUse
                CachingAllocator.resetHighWaterMark()
                _ = try LossObjective(CosineSimilarityLoss()).valueAndGradients(
                    trained, batch, key: RandomKey(1), detectingAnomalies: false)
                return CachingAllocator.statistics.highWaterMark - before
            }
            let (plain, packed) = (try peak(false), try peak(true))
            // Two layers only: of the last one everything is there when the way back begins.
            precondition(Double(packed) < 0.85 * Double(plain), "\(packed) bytes in place of \(plain)")
        }
    }

    @Test func whatCannotDoItSaysSo() throws {
        struct Own: TrainableModel {
            typealias Batch = Int
            var parts: [NamedPart] { [] }
            func batch(_ dataset: Dataset, rows: [Int]) -> Int { 0 }
        }
        expectError(TrainingArgumentError.self, ["bf16", "Own"]) {
            _ = try Own().trained(with: TrainingArguments(outputDir: "unused") { $0.bf16 = true })
        }
    }
}
