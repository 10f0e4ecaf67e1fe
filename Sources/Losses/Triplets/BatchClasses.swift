import Autodiff
import Requirements

/// The classes of a batch's rows: which other rows are an anchor's positives, and which its negatives.
struct BatchClasses {
    private let classes: [Double]

    /// - Parameters:
    ///   - labels: `[B]`, equal for rows of one class.
    ///   - loss: For messages.
    init(_ labels: Tensor?, rowCount: Int, loss: String) {
        guard let labels, labels.count == rowCount else {
            refuse("\(loss): needs \(rowCount) labels, not \(labels?.shape.description ?? "none")")
        }
        classes = labels.values
    }

    var rowCount: Int { classes.count }
    func isPositive(_ row: Int, of anchor: Int) -> Bool { row != anchor && classes[row] == classes[anchor] }
    func isNegative(_ row: Int, of anchor: Int) -> Bool { classes[row] != classes[anchor] }

    /// `[B, B]`: true where the column is a positive of the row; where it is a negative.
    var positiveMask: Tensor { .mask(rows: 0..<rowCount, columns: rowCount) { isPositive($1, of: $0) } }
    var negativeMask: Tensor { .mask(rows: 0..<rowCount, columns: rowCount) { isNegative($1, of: $0) } }

    /// The positives of an anchor, and its negatives from the nearest to the farthest.
    ///
    /// - Parameter distances: `[B · B]`.
    func neighbors(of anchor: Int, _ distances: [Double]) -> (positives: [Int], negatives: [Int]) {
        let row = distances[anchor * rowCount..<(anchor + 1) * rowCount]
        let negatives = (0..<rowCount).filter { isNegative($0, of: anchor) }
            .sorted { row[row.startIndex + $0] < row[row.startIndex + $1] }
        return ((0..<rowCount).filter { isPositive($0, of: anchor) }, negatives)
    }

    /// How far each anchor's farthest positive is beyond its nearest negative: `[B]`.
    ///
    /// An anchor without positive counts distance 0 for it; one without negative has the gap 0, and no gradient.
    ///
    /// - Parameter distances: `[B, B]`.
    func hardestGaps(_ distances: Tensor) -> Tensor {
        let farthest = distances.filled(with: 0, where: !positiveMask).max(alongAxis: 1)
        let nearest = distances.filled(with: .infinity, where: !negativeMask).min(alongAxis: 1)
        return (farthest - nearest).filled(with: 0, where: nearest.detached() .== .infinity)
    }
}

extension Array {
    /// How many of the first elements fulfil a condition that none does after one that does not.
    func prefixCount(where isWanted: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isWanted(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

let hermansCitation = Citations.arXiv(
    "hermans2017defense", title: "In Defense of the Triplet Loss for Person Re-Identification",
    author: "Alexander Hermans and Lucas Beyer and Bastian Leibe", year: 2017, eprint: "1703.07737")
