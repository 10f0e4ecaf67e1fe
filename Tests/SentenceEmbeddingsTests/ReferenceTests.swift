import Tapestry
import Testing

/// The figures of Sentence Transformers, from the same files, in float32 and in float64.
struct ReferenceTests {
    @Test(arguments: ["tiny-bert", "tiny-dense"], [DType.float32, .float64])
    func embeddingsAreThoseOfTheReference(name: String, dtype: DType) throws {
        let expected = try expected("\(name)/embeddings", dtype)
        let embeddings = try model(name, dtype).encode(Sentences().texts)
        #expect(embeddings.dtype == dtype)
        #expect(embeddings.shape == expected.shape)
        #expect(embeddings.maximumDifference(to: expected) < tolerance(dtype))
        // What would pass if every sentence had the same embedding proves nothing.
        #expect(Set(embeddings.rows).count == Set(try Sentences().texts.map { $0.lowercased() }).count)
    }

    @Test(arguments: ["tiny-bert", "tiny-dense"])
    func idsAreThoseOfTheReference(name: String) throws {
        let model = try model(name)
        let sentences = try Sentences()
        for (text, ids) in zip(sentences.texts, try sentences.ids(name)) {
            #expect(model.input.tokenize(text) == ids, "\(text)")
        }
    }

    @Test(arguments: [DType.float32, .float64])
    func hiddenStatesOfEveryLayerAreThoseOfTheReference(dtype: DType) throws {
        let model = try model("tiny-bert", dtype)
        // The sentence stands between two others: layers must not mix neighbors in the ragged batch.
        let texts = try Sentences().texts
        let batch = model.tokenize(columns: [[texts[3], texts[0], texts[5]]])
        let states = model.transformer!.model.hiddenStates(batch, in: .inference)
        #expect(states.count == 3)
        for (layer, state) in states.enumerated() {
            let expected = try expected("tiny-bert/hidden/\(layer)", dtype)
            let ours = state.sliced(batch.offsets[1])
            #expect(ours.maximumDifference(to: expected) < 4 * tolerance(dtype), "layer \(layer)")
        }
    }

    @Test(arguments: PoolingMode.allCases, [DType.float32, .float64])
    func poolingIsThatOfTheReference(mode: PoolingMode, dtype: DType) throws {
        let model = try model("tiny-bert", dtype)
        let batch = model.tokenize(columns: [try Sentences().texts])
        let pooling = Pooling(width: 32, modes: [mode])
        let features = pooling(model.input(Features(batch), in: .inference), in: .inference)
        let pooled = try #require(features.sentenceEmbedding)
        let expected = try expected("pooling/\(mode.rawValue)", dtype)
        #expect(pooled.maximumDifference(to: expected) < 4 * tolerance(dtype))
    }
}
