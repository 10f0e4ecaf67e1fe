import Autodiff

/// Rows in groups around their means.
public struct KMeans: Sendable {
    /// The group of each row, from 0.
    public let labels: [Int]
    /// `[K, D]`: the mean of each group.
    public let centers: Tensor
    /// The sum of squared distances of the rows to their centers.
    public let inertia: Double
    /// How often the centers were moved.
    public let iterations: Int
}

/// Groups rows around K means by Lloyd's algorithm, until no row changes its group or the centers stand almost still.
///
/// A row that is equally close to two centers goes to the first. A group that loses its last row takes the row that is farthest from its
/// own center.
///
/// - Parameters:
///   - embeddings: `[N, D]`.
///   - clusterCount: K, at most N.
///   - initialCenters: `[K, D]`; nil: rows drawn by k-means++, each with a probability by its squared distance to those before.
///   - maxIterations: How often the centers are moved at most.
///   - tolerance: They stand still when the squares of their moves add up to no more than this part of the mean variance of a column.
///   - key: Of the draws.
/// - Throws: ``SearchError`` if there are fewer rows than clusters, or a number is not finite.
public func kMeans(
    _ embeddings: Tensor, clusterCount: Int, initialCenters: Tensor? = nil, maxIterations: Int = 300, tolerance: Double = 1e-4,
    key: RandomKey = RandomKey(42)
) throws -> KMeans {
    require(embeddings.rank == 2 && embeddings.dtype.isFloatingPoint, "kMeans", [embeddings], "needs a matrix")
    let count = embeddings.shape[0]
    guard (1...max(1, count)).contains(clusterCount), count > 0 else {
        throw SearchError(
            "\(count) rows cannot be put into \(clusterCount) clusters; give at least one row for each, and one cluster or more")
    }
    try SearchError.checkFinite(embeddings, of: "embeddings")
    require(
        initialCenters == nil || initialCenters!.shape == [clusterCount, embeddings.shape[1]], "kMeans", [embeddings, initialCenters!],
        "needs \(clusterCount) centers of the same width")
    var centers = initialCenters?.cast(to: embeddings.dtype) ?? drawnCenters(of: embeddings, count: clusterCount, key: key)
    let mean = embeddings.mean(alongAxis: 0, keepingAxis: true)
    let limit = tolerance * (embeddings - mean).square().mean().item
    var (labels, distances) = closest(centers, to: embeddings)
    var iterations = 0
    while iterations < maxIterations {
        let (moved, isWhole) = means(of: embeddings, labels: labels, distances: distances, count: clusterCount)
        let shift = (moved - centers).square().sum().item
        centers = moved
        iterations += 1
        let old = labels
        (labels, distances) = closest(centers, to: embeddings)
        if isWhole && (labels == old || shift <= limit) { break }
    }
    return KMeans(labels: labels, centers: centers, inertia: distances.reduce(0, +), iterations: iterations)
}

/// The closest center of each row, and the squared distance to it.
private func closest(_ centers: Tensor, to rows: Tensor) -> (labels: [Int], distances: [Double]) {
    var labels: [Int] = [], distances: [Double] = []
    for start in stride(from: 0, to: rows.shape[0], by: 4_096) {
        let block = rows.sliced(start..<min(start + 4_096, rows.shape[0]))
        // |c|² − 2 x·c is least where the distance is.
        let scores = centers.square().sum(alongAxis: 1).reshaped([1, -1]) - dotProduct(block, centers) * 2
        let places = scores.argmin(alongAxis: 1)
        labels += places.indices
        distances += (block - centers.gatheringRows(at: places)).square().sum(alongAxis: 1).values
    }
    return (labels, distances)
}

/// The mean of each group, and whether all groups had rows. One without takes the farthest row of all.
private func means(of rows: Tensor, labels: [Int], distances: [Double], count: Int) -> (Tensor, isWhole: Bool) {
    var labels = labels, sizes = [Int](repeating: 0, count: count)
    for label in labels { sizes[label] += 1 }
    let empty = sizes.indices.filter { sizes[$0] == 0 }
    if !empty.isEmpty {
        var farthest = distances.indices.sorted { (distances[$0], $1) > (distances[$1], $0) }[...]
        for label in empty {
            guard let row = farthest.first(where: { sizes[labels[$0]] > 1 }) else { break }
            farthest = farthest.drop { $0 != row }.dropFirst()
            sizes[labels[row]] -= 1
            labels[row] = label
            sizes[label] = 1
        }
    }
    let sums = rows.scatterAddingRows(at: Tensor(indices: labels), rowCount: count)
    let divisors = Tensor(sizes.map { Double(max(1, $0)) }, shape: [count, 1], dtype: rows.dtype)
    return (sums / divisors, empty.isEmpty)
}

/// Rows far from each other, by k-means++ (Arthur and Vassilvitskii 2007).
private func drawnCenters(of rows: Tensor, count: Int, key: RandomKey) -> Tensor {
    let draws = Tensor.uniform([count], dtype: .float64, key: key).values
    var chosen = [min(rows.shape[0] - 1, Int(draws[0] * Double(rows.shape[0])))]
    var distances = [Double](repeating: .infinity, count: rows.shape[0])
    while chosen.count < count {
        let newest = rows.sliced(chosen.last!..<chosen.last! + 1)
        for (row, distance) in (rows - newest).square().sum(alongAxis: 1).values.enumerated() where distance < distances[row] {
            distances[row] = distance
        }
        for row in chosen { distances[row] = 0 }
        var rest = draws[chosen.count] * distances.reduce(0, +)
        // Equal rows have no distance: the first that is not chosen yet then.
        var place = distances.indices.first { !chosen.contains($0) }!
        for (row, distance) in distances.enumerated() where distance > 0 {
            place = row
            rest -= distance
            if rest < 0 { break }
        }
        chosen.append(place)
    }
    return rows.gatheringRows(at: Tensor(indices: chosen))
}
