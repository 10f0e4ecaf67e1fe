import Autodiff
import SentenceEmbeddings
import Testing

struct MiningTests {
    @Test func translationsAreThoseOfTheFormula() throws {
        let found = try bitextMining(sources: Fixtures.rows("sources"), targets: Fixtures.rows("targets"))
        let expected = try Fixtures.expected("translations", as: [[Double]].self)
        #expect(found.map { [$0.source, $0.target] } == expected.map { [Int($0[1]), Int($0[2])] })
        #expect(zip(found, expected).allSatisfy { (Double($0.score) - $1[0]).magnitude < 1e-5 })
        #expect(found.count > 20)
        let best = try bitextMining(sources: Fixtures.rows("sources"), targets: Fixtures.rows("targets"), minScore: 1.5)
        #expect(best == found.filter { $0.score >= 1.5 })
        #expect(try bitextMining(sources: .ones([2, 3]), targets: .zeros([0, 3])) == [])
        expectSearchError("row 0 of the queries") { _ = try bitextMining(sources: Tensor([[.nan]]), targets: .ones([1, 1])) }
    }

    @Test(arguments: ["softmax", "positive", "threshold"])
    func ranksAreWhereAWalkEnds(kind: String) throws {
        let rows = try Fixtures.rows("corpus").sliced(0..<40).normalized().cast(to: .float64)
        let cosines = cosineSimilarity(rows, rows)
        let ranks = try lexRank(similarities: kind == "positive" ? cosines.exp() : cosines, threshold: kind == "threshold" ? 0.5 : nil)
        let expected = try Fixtures.expected("ranks \(kind)", as: [Double].self)
        #expect(ranks.count == 40)
        #expect(zip(ranks, expected).allSatisfy { ($0 - $1).magnitude < 1e-4 })
    }

    @Test func ranksOfExtremes() throws {
        #expect(try lexRank(similarities: .ones([1, 1])) == [1])
        #expect(try lexRank(similarities: .zeros([0, 0])) == [])
        #expect(try lexRank(similarities: .ones([3, 3])) == [1, 1, 1])
        expectSearchError("row 1 of the similarities") { _ = try lexRank(similarities: Tensor([[1, 1], [.nan, 1]])) }
    }
}
