import Foundation
import Tapestry
import Testing

/// A trained model's README.md says what it is, what it was trained with, and whom to cite.
struct ModelCardTests {
    private func card(_ objective: any SentenceObjective, _ dataset: Dataset) throws -> String {
        let folder = try TemporaryFolder()
        let trainer = try Trainer(
            model(), objective: objective, dataset: dataset,
            arguments: settings(folder) { ($0.maxSteps, $0.loggingSteps) = (2, 1) })
        try trainer.train()
        try trainer.saveModel(to: folder.file("output").path)
        return try String(contentsOf: folder.file("output/README.md"), encoding: .utf8)
    }

    @Test func everyLossBringsItsNameOptionsAndCitation() throws {
        let text = try card(Cached(Matryoshka(CoSENTLoss(scale: 7), dimensions: [8, 4]), miniBatchSize: 3), pairs())
        for part in [
            "loss:CachedMatryoshkaLoss", "dataset_size:40", "\"matryoshka_dims\": \"[8, 4]\"", "\"loss.scale\": \"7.0\"",
            "\"mini_batch_size\": \"3\"", "kusupati2024matryoshka", "gao2021scaling", "reimers-2019-sentence-bert",
        ] {
            #expect(text.contains(part), "lacks \(part)")
        }
    }

    @Test func settingsSamplesAndLogsAreTold() throws {
        let dataset = try pairs()
        let text = try card(LossObjective(CoSENTLoss()), dataset)
        #expect(text.contains("- `max_steps`: 2") && text.contains("- `learning_rate`: 0.001"))
        #expect(text.contains("| " + dataset.columns[0].texts[0]))
        // Two updates were logged, each in a row of its own.
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| 0.") && $0.split(separator: "|").count == 3 }
        #expect(rows.count == 2, "\(rows)")
        #expect(text.hasPrefix("---\nlibrary_name: sentence-transformers\n"))
    }

    @Test func awkwardTextsStayInTheirCells() throws {
        let texts = ["a | b", "line\nbreak", "quote \" and \\ backslash"]
        let dataset = try Dataset(["x": texts, "y": texts], labels: [0.1, 0.5, 0.9])
        let text = try card(LossObjective(CoSENTLoss()), dataset)
        #expect(text.contains("| a \\| b | a \\| b | 0.1") && text.contains("| line break |"))
        #expect(text.contains("model.encode([\"a | b\""))
    }

    @Test func longTextsAreCutAndCitationsStandOnce() throws {
        let texts = (119...122).map { String(repeating: "x", count: $0) }
        let text = try card(
            LossObjective(CoSENTLoss() + 0.5 * CoSENTLoss(scale: 3) + CosineSimilarityLoss()),
            Dataset(["x": texts, "y": texts], labels: [0, 1, 0, 1]))
        let cells = text.split(separator: "\n").filter { $0.hasPrefix("| xx") }.map {
            $0.split(separator: "|")[0].trimmingCharacters(in: .whitespaces)
        }
        #expect(cells == [texts[0], texts[1], String(repeating: "x", count: 119) + "…"])
        for key in ["@article{10531646", "@inproceedings{reimers-2019-sentence-bert"] {
            #expect(text.components(separatedBy: key).count == 2, "\(key)")
        }
    }
}
