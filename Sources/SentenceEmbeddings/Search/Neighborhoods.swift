import Autodiff

/// The rows that are alike enough to each row. Similarities are computed once for each two rows.
struct Neighborhoods {
    private struct Neighbor {
        let row: Int32, score: Float
    }

    /// How many neighbors are kept; of rows with more they are computed again.
    private static let capacity = 512

    /// How many neighbors each row has, itself included.
    private(set) var counts: [Int]
    private var lists: [[Neighbor]]
    private let rows: Tensor, threshold: Double

    /// - Parameters:
    ///   - rows: `[N, D]`, of length 1.
    ///   - threshold: The least cosine of a neighbor.
    ///   - batchSize: Rows in a block.
    init(of rows: Tensor, threshold: Double, batchSize: Int) {
        (self.rows, self.threshold) = (rows, threshold)
        let count = rows.shape[0]
        counts = [Int](repeating: 0, count: count)
        lists = [[Neighbor]](repeating: [], count: count)
        let starts = Array(stride(from: 0, to: count, by: batchSize))
        for (number, start) in starts.enumerated() {
            let block = rows.sliced(start..<min(start + batchSize, count))
            for other in starts[number...] {
                let others = rows.sliced(other..<min(other + batchSize, count))
                for (row, found) in neighbors(of: block, among: others).enumerated() {
                    for neighbor in found {
                        add(Int32(other) + neighbor.row, neighbor.score, to: start + row)
                        if other > start { add(Int32(start + row), neighbor.score, to: other + Int(neighbor.row)) }
                    }
                }
            }
        }
    }

    private mutating func add(_ neighbor: Int32, _ score: Float, to row: Int) {
        counts[row] += 1
        if counts[row] <= Self.capacity {
            lists[row].append(Neighbor(row: neighbor, score: score))
        } else {
            lists[row] = []
        }
    }

    /// A list for each of the first rows, numbered within the others, in their order.
    private func neighbors(of block: Tensor, among others: Tensor) -> [[Neighbor]] {
        let scores = dotProduct(block, others).cast(to: .float32)
        let (values, width, threshold) = (scores.scalars(Float.self), others.shape[0], Float(self.threshold))
        let best = scores.max(alongAxis: 1).scalars(Float.self)
        return Parallel.map(Array(best.indices)) { row in
            guard best[row] >= threshold else { return [] }
            var found: [Neighbor] = []
            let first = row * width
            for (place, score) in values[first..<first + width].enumerated() where score >= threshold {
                found.append(Neighbor(row: Int32(place), score: score))
            }
            return found
        }
    }

    /// The neighbors of a row, the closest first; of equal ones the lowest row.
    func members(around row: Int) -> [Int] {
        let isKept = counts[row] <= Self.capacity
        let list = isKept ? lists[row] : neighbors(of: rows.sliced(row..<row + 1), among: rows)[0]
        return list.sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }.map { Int($0.row) }
    }
}
