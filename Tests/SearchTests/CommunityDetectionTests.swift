import Autodiff
import SentenceEmbeddings
import Testing

struct CommunityDetectionTests {
    @Test(arguments: [("0.75", 4), ("0.9", 2), ("0.6", 6)], [1, 32, 1_024])
    func communitiesAreThoseOfTheReference(setting: (threshold: String, size: Int), batchSize: Int) throws {
        let found = try communityDetection(
            embeddings: Fixtures.rows("corpus"), threshold: Double(setting.threshold)!, minCommunitySize: setting.size, batchSize: batchSize
        )
        #expect(found == (try Fixtures.expected("communities \(setting.threshold) \(setting.size)")))
        #expect(!found.isEmpty)
    }

    @Test func communitiesOfTheSixRows() throws {
        #expect(try communityDetection(embeddings: Fixtures.sixRows, threshold: 0.9, minCommunitySize: 2) == [[0, 1, 2], [3, 4]])
    }

    /// More neighbors than are kept of a row: they are computed again.
    @Test func equalRowsAreOneCommunity() throws {
        let found = try communityDetection(embeddings: .ones([700, 3]), batchSize: 128)
        #expect(found == [Array(0..<700)])
    }

    @Test func fewOrZeroRowsHaveNone() throws {
        #expect(try communityDetection(embeddings: .ones([9, 3])) == [])
        #expect(try communityDetection(embeddings: .zeros([0, 3]), minCommunitySize: 1) == [])
        #expect(try communityDetection(embeddings: .zeros([20, 3])) == [])
        #expect(try communityDetection(embeddings: .ones([1, 3]), minCommunitySize: 1) == [[0]])
    }

    @Test func rowsThatAreNotFiniteAreNamed() {
        expectSearchError("row 1 of the embeddings") { _ = try communityDetection(embeddings: Tensor([[1, 0], [0, .nan]])) }
    }
}
