import Autodiff

/// How far two groups of rows are from each other.
public enum Linkage: String, Sendable, CaseIterable {
    /// The mean distance of a row of one to a row of the other.
    case average
    /// By how much the sum of squared distances to the mean grows when they become one: the square root of twice that.
    case ward
}

/// Joins the two closest groups of rows, again and again, until the closest are too far from each other.
///
/// Distances are Euclidean; divide rows by their length to go by the angle. N²/2 float32 numbers are in memory.
///
/// - Parameters:
///   - embeddings: `[N, D]`.
///   - linkage: How far groups are from each other.
///   - distanceThreshold: Groups at this distance or farther are not joined.
/// - Returns: The cluster of each row. Clusters are numbered by their first row.
/// - Throws: ``SearchError`` that names a row with a number that is not finite.
public func agglomerativeClustering(_ embeddings: Tensor, linkage: Linkage = .ward, distanceThreshold: Double) throws -> [Int] {
    let merges = try allMerges(of: embeddings, linkage: linkage)
    return labels(after: merges.filter { $0.distance < distanceThreshold }, rowCount: embeddings.shape[0])
}

/// Joins the two closest groups of rows, again and again, until so many are left.
///
/// - Parameters:
///   - embeddings: `[N, D]`.
///   - linkage: How far groups are from each other.
///   - clusterCount: How many clusters there are in the end, at most N.
/// - Returns: The cluster of each row. Clusters are numbered by their first row.
/// - Throws: ``SearchError`` for a number of clusters that the rows cannot have, or a number that is not finite.
public func agglomerativeClustering(_ embeddings: Tensor, linkage: Linkage = .ward, clusterCount: Int) throws -> [Int] {
    let count = embeddings.shape.first ?? 0
    guard clusterCount >= 1, clusterCount <= count else {
        throw SearchError(
            "\(count) rows cannot be put into \(clusterCount) clusters; give at least one row for each, and one cluster or more")
    }
    let merges = try allMerges(of: embeddings, linkage: linkage)
    return labels(after: Array(merges.prefix(count - clusterCount)), rowCount: count)
}

/// Two groups that become one, each by one of its rows.
private struct Merge {
    let i, j: Int, distance: Double
}

/// All merges, the closest first, by chains of nearest neighbors (Murtagh 1983): a group and its neighbor that are each other's closest
/// are joined whatever lies elsewhere.
private func allMerges(of embeddings: Tensor, linkage: Linkage) throws -> [Merge] {
    require(embeddings.rank == 2 && embeddings.dtype.isFloatingPoint, "agglomerativeClustering", [embeddings], "needs a matrix")
    try SearchError.checkFinite(embeddings, of: "embeddings")
    let count = embeddings.shape[0]
    guard count > 1 else { return [] }
    var distances = DistanceTriangle(of: embeddings)
    var sizes = [Double](repeating: 1, count: count), active = Array(0..<count), chain: [Int] = [], merges: [Merge] = []
    while active.count > 1 {
        if chain.isEmpty { chain = [active[0]] }
        let top = chain.last!, before = chain.count > 1 ? chain[chain.count - 2] : nil
        var (neighbor, closest) = (before ?? -1, before.map { distances[top, $0] } ?? .infinity)
        for other in active where other != top && distances[top, other] < closest {
            (neighbor, closest) = (other, distances[top, other])
        }
        guard neighbor == before else {
            chain.append(neighbor)
            continue
        }
        chain.removeLast(2)
        let (kept, gone) = (min(top, neighbor), max(top, neighbor))
        merges.append(Merge(i: kept, j: gone, distance: Double(closest)))
        active.remove(at: active.firstIndex(of: gone)!)
        let (a, b, d) = (sizes[kept], sizes[gone], Double(closest))
        for other in active where other != kept {
            let (x, y, n) = (Double(distances[kept, other]), Double(distances[gone, other]), sizes[other])
            let joined =
                switch linkage {
                case .average: (a * x + b * y) / (a + b)
                case .ward: max(0, ((a + n) * x * x + (b + n) * y * y - n * d * d) / (a + b + n)).squareRoot()
                }
            distances[kept, other] = Float(joined)
        }
        sizes[kept] += sizes[gone]
    }
    // A chain finds near merges late; those of one distance keep their order, so parts come before what they are parts of.
    return merges.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }.map(\.element)
}

private func labels(after merges: [Merge], rowCount: Int) -> [Int] {
    var parents = Array(0..<rowCount)
    func root(_ row: Int) -> Int {
        var row = row
        while parents[row] != row {
            parents[row] = parents[parents[row]]
            row = parents[row]
        }
        return row
    }
    for merge in merges {
        let (i, j) = (root(merge.i), root(merge.j))
        parents[max(i, j)] = min(i, j)
    }
    var numbers: [Int: Int] = [:]
    return (0..<rowCount).map { row in
        let first = root(row), number = numbers[first, default: numbers.count]
        numbers[first] = number
        return number
    }
}
