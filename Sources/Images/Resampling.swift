import Foundation

/// How an image is brought to another size: what a new point takes of the old ones around its place.
///
/// The figures are those of Pillow's resampling with eight bits: sums of whole numbers, along rows and along columns. Where an image gets
/// smaller, the filter gets as much wider, so that nothing is left out.
public enum Resampling: Int, Sendable, CaseIterable {
    // The numbers are those of Pillow, which files have.
    /// A windowed sinc over six points.
    case lanczos = 1
    /// By distance, over two points.
    case bilinear = 2
    /// Cubic pieces over four points.
    case bicubic = 3
    /// The mean of what a new point covers.
    case box = 4
    /// A raised cosine over two points.
    case hamming = 5

    /// On either side of a place, where the size stays.
    var support: Double {
        switch self {
        case .lanczos: 3
        case .bilinear, .hamming: 1
        case .bicubic: 2
        case .box: 0.5
        }
    }

    func weight(at x: Double) -> Double {
        func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
        let distance = abs(x)
        switch self {
        case .lanczos: return distance < 3 ? sinc(x) * sinc(x / 3) : 0
        case .bilinear: return distance < 1 ? 1 - distance : 0
        case .bicubic:
            let a = -0.5
            if distance < 1 { return ((a + 2) * distance - (a + 3)) * distance * distance + 1 }
            return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * a : 0
        case .box: return x > -0.5 && x <= 0.5 ? 1 : 0
        case .hamming:
            // The constants have Pillow's precision.
            return distance < 1 ? sinc(distance) * (Double(Float(0.54)) + Double(Float(0.46)) * cos(distance * .pi)) : 0
        }
    }
}

/// The weights of new columns, or new rows.
struct ResamplingWeights {
    /// Of each new point, the first old one, and how many.
    var firsts: [Int32] = [], counts: [Int32] = []
    /// `taps` for each, times 2²².
    var weights: [Int32] = []
    let taps: Int

    /// - Parameters:
    ///   - filter: The weights by distance.
    ///   - size: Old points in all.
    ///   - newSize: New points in all.
    ///   - range: Those that are wanted.
    init(_ filter: Resampling, from size: Int, to newSize: Int, range: Range<Int>) {
        let scale = Double(size) / Double(newSize)
        let filterScale = max(scale, 1)
        let support = filter.support * filterScale
        taps = Int(support.rounded(.up)) * 2 + 1
        for point in range {
            let center = (Double(point) + 0.5) * scale
            let first = max(0, Int(center - support + 0.5)), end = min(size, Int(center + support + 0.5))
            var row = (first..<max(first, end)).map { filter.weight(at: (Double($0) - center + 0.5) * (1 / filterScale)) }
            let sum = row.reduce(0, +)
            if sum != 0 { row = row.map { $0 / sum } }
            firsts.append(Int32(first))
            counts.append(Int32(row.count))
            weights += row.map { Int32($0 * Double(1 << 22) + ($0 < 0 ? -0.5 : 0.5)) }
            weights += [Int32](repeating: 0, count: taps - row.count)
        }
    }

    /// All old points that are taken.
    var old: Range<Int> { Int(firsts[0])..<zip(firsts, counts).reduce(0) { max($0, Int($1.0 + $1.1)) } }

    /// The same for old points that are numbered otherwise.
    func shifted(by offset: Int) -> ResamplingWeights {
        var weights = self
        weights.firsts = firsts.map { $0 + Int32(offset) }
        return weights
    }
}
