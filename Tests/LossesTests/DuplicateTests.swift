import Autodiff
import Foundation
import Losses
import Testing

/// Masked duplicates: the losses equal sums written out candidate by candidate, by the texts alone.
struct DuplicateTests {
    /// Row 3's positive is row 0's, row 4's query is row 1's, row 5's positive is its own query, and a negative of row 2
    /// is row 0's positive.
    private static let texts = [
        ["q0", "q1", "q2", "q3", "q1", "same"], ["p", "p1", "p2", "p", "p4", "same"], ["n0", "p4", "p", "n3", "n4", "p1"],
    ]
    /// Row 3's positive is nearest to row 0's anchor.
    private static let columns = {
        var columns = (0..<3).map { Tensor.normal([6, 5], dtype: .float64, key: RandomKey(UInt64($0 + 61))) }
        columns[1] = .concatenating([columns[1].sliced(0..<3), columns[0].sliced(0..<1), columns[1].sliced(4..<6)])
        return columns
    }()
    private static let guide = (0..<3).map { Tensor.normal([6, 4], dtype: .float64, key: RandomKey(UInt64($0 + 71))) }

    private static func cosine(_ a: [Double], _ b: [Double]) -> Double {
        func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    private func value(_ loss: any Loss, columns: Int) -> Double {
        let sides = loss.sideInputs(for: Array(Self.texts.prefix(columns)))
        return loss(LossBatch(Array(Self.columns.prefix(columns)), sides: sides)).total.item
    }

    @Test(arguments: 0..<8, [2, 3]) func multipleNegatives(_ bits: Int, _ columnCount: Int) {
        let all = MultipleNegativesRankingLoss.Direction.allCases
        let directions = Set([.queryToDoc] + all.dropFirst().enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
        let rows = Self.columns.map(\.rows), texts = Self.texts, documents = 1..<columnCount
        let mean = (0..<6).reduce(0.0) { sum, i in
            var total = 0.0
            func add(_ a: [Double], _ b: [Double]) { total += exp(4 * Self.cosine(a, b)) }
            for c in documents {
                for j in 0..<6 {
                    let isOwn = c == 1 && j == i
                    if isOwn || texts[c][j] != texts[1][i] { add(rows[0][i], rows[c][j]) }
                    if directions.contains(.docToDoc) && j != i && texts[c][j] != texts[1][i] { add(rows[c][j], rows[1][i]) }
                }
            }
            for j in 0..<6 {
                if directions.contains(.queryToQuery) && texts[0][j] != texts[0][i] { add(rows[0][i], rows[0][j]) }
                if directions.contains(.docToQuery) && (j == i || texts[1][j] != texts[1][i]) { add(rows[0][j], rows[1][i]) }
            }
            return sum + (log(total) - 4 * Self.cosine(rows[0][i], rows[1][i])) / 6
        }
        func found(masksDuplicates: Bool) -> Double {
            value(MultipleNegativesRankingLoss(scale: 4, directions: directions, masksDuplicates: masksDuplicates), columns: columnCount)
        }
        #expect(abs(found(masksDuplicates: true) - mean) < 1e-12)
        #expect(abs(found(masksDuplicates: false) - mean) > 1e-3)  // the mask matters here
    }

    @Test func megaBatchMargin() {
        let rows = Self.columns.map(\.rows), texts = Self.texts
        let mean = (0..<6).reduce(0.0) { sum, i in
            let negatives = (0..<6).filter { texts[1][$0] != texts[1][i] }.map { Self.cosine(rows[0][i], rows[1][$0]) }
            return sum + (max(0, 0.8 - Self.cosine(rows[0][i], rows[1][i])) + max(0, negatives.max()! + 0.9)) / 6
        }
        func found(masksDuplicates: Bool) -> Double {
            value(MegaBatchMarginLoss(negativeMargin: -0.9, masksDuplicates: masksDuplicates), columns: 2)
        }
        #expect(abs(found(masksDuplicates: true) - mean) < 1e-12)
        #expect(abs(found(masksDuplicates: false) - mean) > 1e-3)
    }

    @Test func megaBatchOfOnePositiveHasNoNegatives() {
        let loss = MegaBatchMarginLoss(positiveMargin: -1, negativeMargin: -1, masksDuplicates: true)
        let sides = loss.sideInputs(for: [["a", "b"], ["p", "p"]])
        let (value, gradients) = valueAndGradients(at: Self.columns.prefix(2).map { $0.sliced(0..<2) }) {
            loss(LossBatch($0, sides: sides)).total
        }
        #expect(value.item == 0 && gradients.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
    }

    @Test(arguments: [true, false], [true, false]) func gist(contrastsAnchors: Bool, contrastsPositives: Bool) {
        let rows = Self.columns.map(\.rows), opinion = Self.guide.map(\.rows), texts = Self.texts
        let mean = (0..<6).reduce(0.0) { sum, i in
            let threshold = Self.cosine(opinion[0][i], opinion[1][i]) + 0.3
            var total = exp(4 * Self.cosine(rows[0][i], rows[1][i]))
            func add(_ from: Int, _ to: Int, _ j: Int) {
                guard Self.cosine(opinion[from][i], opinion[to][j]) <= threshold else { return }
                total += exp(4 * Self.cosine(rows[from][i], rows[to][j]))
            }
            for j in 0..<6 {
                if texts[1][j] != texts[1][i] { add(0, 1, j) }
                if texts[2][j] != texts[1][i] { add(0, 2, j) }
                if contrastsAnchors && texts[0][j] != texts[0][i] { add(0, 0, j) }
                if contrastsPositives && texts[1][j] != texts[1][i] { add(1, 1, j) }
            }
            return sum + (log(total) - 4 * Self.cosine(rows[0][i], rows[1][i])) / 6
        }
        func found(masksDuplicates: Bool) -> Double {
            value(
                GISTEmbedLoss(
                    guide: TableGuide(), temperature: 0.25, margin: -0.3, contrastsAnchors: contrastsAnchors,
                    contrastsPositives: contrastsPositives, masksDuplicates: masksDuplicates), columns: 3)
        }
        #expect(abs(found(masksDuplicates: true) - mean) < 1e-12)
        #expect(abs(found(masksDuplicates: false) - mean) > 1e-3)
    }

    /// Knows the embeddings of all texts, in the order of the columns.
    private struct TableGuide: Guide {
        func embeddings(of texts: [String]) -> Tensor {
            precondition(texts == Array(DuplicateTests.texts.joined()))
            return .concatenating(DuplicateTests.guide)
        }
    }
}
