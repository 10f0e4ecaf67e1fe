import Tapestry
import Testing

/// A sentence transformer as the guide of another's training.
struct GuideModelTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func data() throws -> Dataset {
        let columns = try pairs().columns
        return try Dataset(["anchor": Array(columns[0].texts), "positive": Array(columns[1].texts)])
    }

    @Test func anotherTokenizerIsRefused() throws {
        let (student, guide) = (try model("mini-bert"), try model("tiny-bert"))
        let dataset = try data()
        expectError(LossInputError.self, ["GISTEmbedLoss", "another tokenizer", "retokenizes: true"]) {
            _ = try Trainer(student, loss: GISTEmbedLoss(guide: guide), dataset: dataset, arguments: settings(folder))
        }
        _ = try Trainer(student, loss: GISTEmbedLoss(guide: guide, retokenizes: true), dataset: dataset, arguments: settings(folder))
        _ = try Trainer(student, loss: GISTEmbedLoss(guide: student), dataset: dataset, arguments: settings(folder))
        #expect(student.vocabularyFingerprint == (try model("mini-bert")).vocabularyFingerprint)
    }

    @Test func theGuideStaysAsItIs() throws {
        let (student, guide) = (try model("mini-bert"), try model("mini-bert"))
        let before = (weights(student), weights(guide))
        let trainer = try Trainer(
            student, objective: CachedGISTEmbedLoss(guide: guide, miniBatchSize: 3), dataset: data(), arguments: settings(folder))
        try trainer.train()
        #expect(weights(guide) == before.1 && weights(student) != before.0)
    }
}
