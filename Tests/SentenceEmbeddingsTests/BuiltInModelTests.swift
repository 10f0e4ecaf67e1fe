import Foundation
import Tapestry
import Testing

/// The model that comes with the library is there, is small, and tells meanings apart.
struct BuiltInModelTests {
    private let model = SentenceTransformer.builtIn()

    @Test func isASmallEncoderOfUnitVectors() throws {
        #expect(model.embeddingDimension == 128 && model.maximumSequenceLength == 128)
        #expect(model.allModules.map(\.kind) == [.transformer, .pooling, .normalize])
        let embeddings = model.encode(["A cat sits.", "", "Quite unknown words: Ærøskøbing!", "42 % of 1,000"])
        #expect(embeddings.shape == [4, 128])
        #expect(embeddings.rows.allSatisfy { row in abs(row.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5 })
    }

    @Test func takesAtMostFourMegabytes() throws {
        let folder = SentenceTransformer.builtInFolder
        let sizes = try FileManager.default.subpathsOfDirectory(atPath: folder.path).map { path in
            let values = try folder.appendingPathComponent(path).resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
            return values.isRegularFile == true ? values.fileSize ?? 0 : 0
        }
        #expect(sizes.reduce(0, +) <= 4_000_000)
        let weights = try SafetensorsFile(contentsOf: folder.appendingPathComponent("model.safetensors"))
        #expect(weights.entries.allSatisfy { $0.dtype == .float16 })
        #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("README.md").path))
    }

    /// A sentence, one that says nearly the same in other words, and one that shares words with it but not the meaning.
    @Test(arguments: [
        ("A man is playing the guitar.", "Someone makes music on a string instrument.", "A man is cooking dinner."),
        ("How do I bake bread?", "A recipe for a loaf.", "How do I repair a bicycle?"),
        ("The stock market fell sharply.", "Shares lost a lot of their value.", "The fish market is closed today."),
        ("The minister resigned on Monday.", "A member of the government stepped down.", "The train leaves on Monday."),
        ("A dog runs across the field.", "A puppy is racing over the grass.", "A car drives across the bridge."),
        ("The doctor examines the patient.", "A physician looks at a sick person.", "The teacher explains the lesson."),
        ("Two children are swimming in a lake.", "Kids swim in the water.", "Two women are sitting in an office."),
        ("Scientists discovered a new planet.", "Astronomers found an unknown world.", "Tourists discovered a new restaurant."),
    ])
    func meaningCountsMoreThanWords(sentence: String, paraphrase: String, other: String) {
        let scores = model.similarity(model.encode([sentence]), model.encode([paraphrase, other])).values
        #expect(scores[0] > scores[1] + 0.05, "\(sentence) is \(scores[0]) to \(paraphrase) and \(scores[1]) to \(other)")
    }

    @Test func knowsMoreOfUnseenSentencesThanAnUntrainedModel() throws {
        let pairs = try EmbeddingSimilarityEvaluator(BuiltInData.scoredPairs(.test), batchSize: 32)
        let score = try pairs(model).primaryValue
        #expect(score > 0.5, "Spearman is \(score)")
        #expect(score > (try pairs(SentenceTransformer.untrained())).primaryValue + 0.1)
    }

    @Test func comesBackFromAFolder() throws {
        let folder = try TemporaryFolder()
        try model.save(to: folder.file("saved").path)
        let texts = Array(BuiltInData.scoredPairs(.test).columns[0].texts.prefix(20))
        #expect(try SentenceTransformer(folder.file("saved").path).encode(texts) == model.encode(texts))
    }
}
