import Autodiff
import Foundation
import ModelFiles
import SentenceEmbeddings
import Testing

struct SemanticSearchTests {
    @Test(arguments: SimilarityFunction.allCases)
    func findsWhatTheReferenceFinds(similarity: SimilarityFunction) throws {
        let (queries, corpus) = (try Fixtures.rows("queries"), try Fixtures.rows("corpus"))
        let expected = try Fixtures.expected("search \(similarity)", as: [[[Double]]].self)
        for (queryChunk, corpusChunk) in [(100, 500), (4, 25), (1, 1)] {
            let found = try semanticSearch(
                queries: queries, corpus: corpus, queryChunkSize: queryChunk, corpusChunkSize: corpusChunk, topK: 6, similarity: similarity)
            #expect(found.map { $0.map(\.corpusID) } == expected.map { $0.map { Int($0[0]) } })
            for (hit, other) in zip(found.joined(), expected.joined()) {
                #expect((Double(hit.score) - other[1]).magnitude < 2e-6 * max(1, other[1].magnitude))
            }
        }
    }

    @Test(arguments: [1, 2, 3, 100])
    func ofEqualScoresTheLowestRowComesFirst(chunk: Int) throws {
        let corpus = Tensor([[0, 1], [1, 0], [2, 0], [0, 3], [1, 0]])
        let found = try semanticSearch(queries: Tensor([[1, 0], [0, 1]]), corpus: corpus, corpusChunkSize: chunk, topK: 4)
        #expect(found.map { $0.map(\.corpusID) } == [[1, 2, 4, 0], [0, 3, 1, 2]])
    }

    @Test func aSmallCorpusGivesAllItHas() throws {
        let found = try semanticSearch(queries: Tensor([[1, 0]]), corpus: Tensor([[0, 0]]), topK: 5)
        #expect(found == [[SearchHit(corpusID: 0, score: 0)]])
        #expect(try semanticSearch(queries: .ones([2, 3]), corpus: .zeros([0, 3])) == [[], []])
        #expect(try semanticSearch(queries: .ones([0, 3]), corpus: .ones([4, 3])) == [])
    }

    @Test func aMappedFileIsSearchedWhereItLies() throws {
        let file = try NumpyFile(contentsOf: Fixtures.folder.appendingPathComponent("corpus.npy"))
        let (queries, corpus) = (try Fixtures.rows("queries"), try file.embeddings(dimension: 12))
        #expect(corpus == (try Fixtures.rows("corpus")))
        let found = try semanticSearch(queries: queries, corpus: corpus, corpusChunkSize: 16)
        #expect(found == (try semanticSearch(queries: queries, corpus: Fixtures.rows("corpus"))))
    }

    @Test func filesThatHoldNoSuchEmbeddingsAreRefused() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).npy")
        defer { try? FileManager.default.removeItem(at: url) }
        let corpus = try NumpyFile(contentsOf: Fixtures.folder.appendingPathComponent("corpus.npy"))
        expectSearchError("12 numbers", "16 were expected") { _ = try corpus.embeddings(dimension: 16) }
        try NumpyFile.write([Int32(1), 2], shape: [1, 2], to: url)
        expectSearchError("'<i4'", "'<f4'") { _ = try NumpyFile(contentsOf: url).embeddings() }
        try NumpyFile.write([Float(1), 2], shape: [2], to: url)
        expectSearchError("[2]", "[rows, dimension]") { _ = try NumpyFile(contentsOf: url).embeddings() }
        try NumpyFile.write([Float](), shape: [0, 4], to: url)
        #expect(try NumpyFile(contentsOf: url).embeddings().shape == [0, 4])
    }

    @Test(arguments: SimilarityFunction.allCases)
    func numbersThatAreNotFiniteAreNamed(similarity: SimilarityFunction) throws {
        let corpus = Tensor([[1, 0], [0, 1], [.nan, 1]]), good = Tensor([[1, 0], [0, 0]])
        expectSearchError("row 2 of the corpus", "nan") {
            _ = try semanticSearch(queries: good, corpus: corpus, corpusChunkSize: 2, similarity: similarity)
        }
        expectSearchError("row 1 of the queries", "inf") {
            _ = try semanticSearch(queries: Tensor([[1, 0], [.infinity, 0]]), corpus: good, similarity: similarity)
        }
    }
}
