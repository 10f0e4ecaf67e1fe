import Tapestry
import Testing

/// A model cut to its first layers.
struct TruncationTests {
    @Test func embedsAsTheLayerOfTheWholeModelDoes() throws {
        let whole = try model("tiny-bert")
        let batch = whole.tokenize(columns: [["A cat sits on the mat.", "A dog."]])
        let layers = whole.layerEmbeddings(batch, in: .inference)
        #expect(layers.count == whole.layerCount + 1 && layers.count > 2)
        for (count, expected) in layers.enumerated() {
            let cut = whole.truncated(toLayers: count)
            let found = try #require(cut(batch, in: .inference).sentenceEmbedding)
            #expect(found == expected, "\(count) layers")
            #expect(cut.embeddingDimension == whole.embeddingDimension)
        }
    }

    @Test func sharesItsParametersAndHasNoOthers() throws {
        let whole = try model("tiny-bert")
        let cut = whole.truncated(toLayers: 1)
        let names = Set(cut.namedParameters.map(\.name))
        #expect(names.count < whole.namedParameters.count && names.contains { $0.contains("layer.0.") })
        #expect(!names.contains { $0.contains("layer.1.") })
        for (name, parameter) in cut.namedParameters.map({ ($0.name, $0.parameter) }) {
            #expect(whole.namedParameters.first { $0.name == name }?.parameter === parameter, "\(name)")
        }
    }

    @Test func isSavedAndOpensAsAModelOfItsOwn() throws {
        let folder = try TemporaryFolder()
        let cut = try model("tiny-bert").truncated(toLayers: 1)
        try cut.save(to: folder.file("cut").path)
        let opened = try SentenceTransformer(folder.file("cut").path)
        #expect(opened.layerCount == 1)
        #expect(opened.encode(["A cat sits."]) == cut.encode(["A cat sits."]))
    }
}
