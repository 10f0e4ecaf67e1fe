import Autodiff

/// The Euclidean distances of all rows from each other, each once.
struct DistanceTriangle {
    private var values: [Float] = []

    /// - Parameter rows: `[N, D]`.
    init(of rows: Tensor) {
        let count = rows.shape[0]
        values.reserveCapacity(count * (count - 1) / 2)
        for start in stride(from: 0, to: count, by: 256) {
            let block = rows.sliced(start..<min(start + 256, count))
            let distances = euclideanDistance(block, rows).cast(to: .float32).scalars(Float.self)
            for row in start..<start + block.shape[0] {
                let first = (row - start) * count
                values += distances[first..<first + row]
            }
        }
    }

    /// The distance of two different rows.
    subscript(i: Int, j: Int) -> Float {
        get { values[place(i, j)] }
        set { values[place(i, j)] = newValue }
    }

    private func place(_ i: Int, _ j: Int) -> Int { i > j ? i * (i - 1) / 2 + j : j * (j - 1) / 2 + i }
}
