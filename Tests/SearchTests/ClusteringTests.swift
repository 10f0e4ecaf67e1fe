import Autodiff
import SentenceEmbeddings
import Testing

struct ClusteringTests {
    private struct Expected: Decodable {
        let labels: [Int], inertia: Double, iterations: Int
    }

    /// Labels with the clusters numbered by their first row.
    private func numbered(_ labels: [Int]) -> [Int] {
        var numbers: [Int: Int] = [:]
        return labels.map { label in
            let number = numbers[label, default: numbers.count]
            numbers[label] = number
            return number
        }
    }

    @Test func meansFromGivenCentersAreThoseOfTheReference() throws {
        let corpus = try Fixtures.rows("corpus"), expected = try Fixtures.expected("k-means", as: Expected.self)
        let found = try kMeans(corpus, clusterCount: 8, initialCenters: corpus.sliced(0..<8))
        #expect(found.labels == expected.labels)
        #expect((found.inertia / expected.inertia - 1).magnitude < 1e-5)
        // The reference counts the pass that finds nothing to change.
        #expect((0...1).contains(expected.iterations - found.iterations))
        #expect(found.centers.shape == [8, 12])
    }

    @Test func drawnCentersFindWhatIsApart() throws {
        let rows = Tensor([[0, 0], [9, 9], [0.1, 0], [9, 9.1], [0, 9], [0, 9.1], [0.1, 0.1]])
        for seed in 0..<5 {
            let found = try kMeans(rows, clusterCount: 3, key: RandomKey(UInt64(seed)))
            #expect(numbered(found.labels) == [0, 1, 0, 1, 2, 2, 0])
        }
        #expect(try kMeans(rows, clusterCount: 3).labels == kMeans(rows, clusterCount: 3).labels)
    }

    @Test func aClusterWithoutRowsTakesTheFarthest() throws {
        let rows = Tensor([[0, 0], [0, 1], [5, 0], [9, 0]])
        let found = try kMeans(rows, clusterCount: 3, initialCenters: Tensor([[0, 0], [5, 0], [100, 100]]))
        #expect(Set(found.labels).count == 3)
        #expect(found.labels[3] == 2)
        #expect(Set(try kMeans(.ones([4, 2]), clusterCount: 3).labels).count <= 3)
    }

    @Test(arguments: Linkage.allCases)
    func joinedGroupsAreThoseOfTheReference(linkage: Linkage) throws {
        struct Labels: Decodable {
            let setting: Double, labels: [Int]

            init(from decoder: any Decoder) throws {
                var values = try decoder.unkeyedContainer()
                setting = try values.decode(Double.self)
                labels = try values.decode([Int].self)
            }
        }
        let rows = try Fixtures.rows("corpus").normalized()
        let threshold = try Fixtures.expected("\(linkage) threshold", as: Labels.self)
        let found = try agglomerativeClustering(rows, linkage: linkage, distanceThreshold: threshold.setting)
        #expect(found == numbered(threshold.labels))
        let count = try Fixtures.expected("\(linkage) count", as: Labels.self)
        #expect(try agglomerativeClustering(rows, linkage: linkage, clusterCount: Int(count.setting)) == numbered(count.labels))
    }

    @Test func extremesOfClustering() throws {
        #expect(try agglomerativeClustering(.ones([5, 2]), distanceThreshold: 0.1) == [0, 0, 0, 0, 0])
        #expect(try agglomerativeClustering(.ones([1, 2]), distanceThreshold: 0.1) == [0])
        #expect(try agglomerativeClustering(.zeros([0, 2]), distanceThreshold: 1) == [])
        #expect(try agglomerativeClustering(Fixtures.sixRows, clusterCount: 6) == [0, 1, 2, 3, 4, 5])
        expectSearchError("3 rows", "4 clusters") { _ = try agglomerativeClustering(.ones([3, 2]), clusterCount: 4) }
        expectSearchError("3 rows", "4 clusters") { _ = try kMeans(.ones([3, 2]), clusterCount: 4) }
        expectSearchError("0 rows") { _ = try kMeans(.ones([0, 2]), clusterCount: 1) }
        expectSearchError("row 0 of the embeddings") { _ = try kMeans(Tensor([[.nan, 1]]), clusterCount: 1) }
        expectSearchError("row 0 of the embeddings") { _ = try agglomerativeClustering(Tensor([[.nan, 1]]), clusterCount: 1) }
    }
}
