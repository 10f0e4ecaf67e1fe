import Requirements

/// Rotary position embedding: queries and keys turn by angles that grow with their position (RoFormer, Su et al. 2021).
///
/// Of each head, the first `width` numbers turn in pairs, number j with number j + width / 2, by the position times the
/// pair's frequency. So a product of a query and a key depends on how far apart they stand.
public struct RotaryEmbedding: Sendable, Equatable {
    /// A frequency for each pair.
    public let inverseFrequencies: [Double]
    /// Cosines and sines are multiplied by this; models whose context was stretched have other than 1.
    public let scaling: Double
    private let turns: Turns

    /// Frequencies θ^(−2j / width).
    ///
    /// - Parameters:
    ///   - width: How many numbers of a head turn: an even number, all of them in most models.
    ///   - theta: The base of the angles: larger values turn more slowly.
    public init(width: Int, theta: Double = 10_000) {
        require(width > 0 && width % 2 == 0, "RotaryEmbedding: a width of \(width) does not fall into pairs")
        let step = logarithm(theta) * 2 / Double(width)
        self.init(inverseFrequencies: (0..<width / 2).map { exponential(-step * Double($0)) })
    }

    /// A rotation by given angles for each position: one for each pair of numbers of a head.
    public init(inverseFrequencies: [Double], scaling: Double = 1) {
        self.inverseFrequencies = inverseFrequencies
        self.scaling = scaling
        turns = Turns()
    }

    /// How many numbers of a head turn.
    public var width: Int { 2 * inverseFrequencies.count }

    public static func == (a: RotaryEmbedding, b: RotaryEmbedding) -> Bool {
        a.inverseFrequencies == b.inverseFrequencies && a.scaling == b.scaling
    }

    /// `[n, width]` for `count` positions or more: cosines, and after them sines, of the angles of each.
    func turns(count: Int, dtype: DType) -> Tensor {
        turns.tables.withLock { tables in
            if let table = tables[dtype], table.shape[0] >= count { return table }
            var positions = 64
            while positions < count { positions *= 2 }
            let values = (0..<positions).flatMap { position in
                let angles = inverseFrequencies.map { Double(position) * $0 }
                return angles.map { scaling * cosine($0) } + angles.map { scaling * sine($0) }
            }
            let table = Tensor(values, shape: [positions, width], dtype: dtype)
            tables[dtype] = table
            return table
        }
    }

    /// Tables that were made before, since all layers and steps need the same.
    private final class Turns: Sendable {
        let tables = Locked<[DType: Tensor]>([:])
    }
}
