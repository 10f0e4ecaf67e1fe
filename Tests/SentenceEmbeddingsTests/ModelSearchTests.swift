import Tapestry
import Testing

/// Search and mining by a model, which embeds the texts.
struct ModelSearchTests {
    private let model = SentenceTransformer.builtIn()
    private let questions = ["Who sleeps?", "What closed the harbor?", "What does bread need?"]
    private let answers = ["The cat sleeps on the sofa.", "A storm closed the harbor.", "Bread needs flour and water."]

    @Test func hardNegativesAreThoseOfTheEmbeddings() throws {
        let pairs = try Dataset(["question": questions, "answer": answers])
        let found = try model.mineHardNegatives(pairs, corpus: ["The harbor is open."])
        let expected = try mineHardNegatives(pairs, corpus: ["The harbor is open."]) { anchors, passages in
            (model.encodeQuery(anchors).normalized(), model.encodeDocument(passages).normalized())
        }
        #expect(found.dataset == expected.dataset)
        #expect(found.dataset.rowCount == 9)
    }

    @Test func promptsComeFirst() throws {
        let pairs = try Dataset(["question": questions, "answer": answers])
        let found = try model.mineHardNegatives(pairs, queryPrompt: "query: ", corpusPrompt: "passage: ")
        let expected = try mineHardNegatives(pairs) { anchors, passages in
            (
                model.encode(anchors, prompt: "query: ", normalizesEmbeddings: true),
                model.encode(passages, prompt: "passage: ", normalizesEmbeddings: true)
            )
        }
        #expect(found.negativeScores == expected.negativeScores)
        expectError(SearchError.self, ["no prompt named \"other\""]) {
            _ = try model.mineHardNegatives(pairs, queryPromptName: "other")
        }
    }

    @Test func summariesAreTheMostCentralSentences() throws {
        let ranks = try lexRank(similarities: cosineSimilarity(model.encode(answers), model.encode(answers)))
        let places = try model.summarize(answers, count: 2)
        #expect(places == Array(ranks.indices.sorted { ranks[$0] > ranks[$1] }.prefix(2)))
        #expect(try model.summarize([], count: 2) == [])
    }
}
