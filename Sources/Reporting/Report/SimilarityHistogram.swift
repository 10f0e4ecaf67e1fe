import Autodiff

/// How the cosines of matching pairs and of all others are spread.
public struct SimilarityHistogram: Sendable, Equatable {
    /// The cosines from −1 to 1 fall into so many bins.
    public static let binCount = 40

    /// The update at which it was taken.
    public let step: Int
    /// Shares of the pairs, one for each bin.
    public let positives: [Double]
    /// The cosines of all other pairs.
    public let negatives: [Double]

    /// - Parameters:
    ///   - step: The update at which it is taken.
    ///   - anchors: `[B, D]`; row i matches row i of the positives, and no other.
    ///   - positives: `[B, D]`.
    public init(step: Int, anchors: Tensor, positives: Tensor) {
        let cosines = cosineSimilarity(anchors, positives).rows
        self.init(
            step: step, positives: cosines.indices.map { cosines[$0][$0] },
            negatives: cosines.indices.flatMap { i in cosines[i].indices.filter { $0 != i }.map { cosines[i][$0] } })
    }

    /// - Parameters:
    ///   - step: The update at which it is taken.
    ///   - positives: Cosines of matching pairs.
    ///   - negatives: Cosines of pairs that do not match.
    public init(step: Int, positives: [Double], negatives: [Double]) {
        self.step = step
        self.positives = Self.shares(positives)
        self.negatives = Self.shares(negatives)
    }

    private static func shares(_ cosines: [Double]) -> [Double] {
        var counts = [Double](repeating: 0, count: binCount)
        for cosine in cosines where !cosine.isNaN {
            counts[min(binCount - 1, max(0, Int((cosine + 1) / 2 * Double(binCount))))] += 1
        }
        return counts.map { $0 / Double(max(1, cosines.count)) }
    }

    /// How much both overlap: 1 for the same shape, 0 where they are apart.
    public var overlap: Double { zip(positives, negatives).reduce(0) { $0 + min($1.0, $1.1) } }

    /// Several histograms below each other, as training went on.
    public static func svg(title: String, _ histograms: [SimilarityHistogram]) -> String {
        let (left, right, height, top) = (116.0, 520.0, 56.0, 54.0)
        var parts = [
            "<path class=\"area c1\" d=\"M4 34h16v10h-16z\"/>", SVG.text("not matching", x: 26, y: 44),
            "<path class=\"area c0\" d=\"M144 34h16v10h-16z\"/>", SVG.text("matching", x: 166, y: 44),
        ]
        for (number, histogram) in histograms.enumerated() {
            let base = top + Double(number + 1) * (height + 12)
            // Each in its own scale: a narrow peak would make the others flat.
            let largest = (histogram.positives + histogram.negatives).max() ?? 0
            parts.append(SVG.text("step \(NumberFormat.grouped(histogram.step))", x: 4, y: base - 20))
            parts.append(SVG.text("overlap \(NumberFormat.fixed(histogram.overlap, places: 2))", x: 4, y: base - 3))
            for (shares, color) in [(histogram.negatives, 1), (histogram.positives, 0)] {
                let width = (right - left) / Double(binCount)
                let points = shares.enumerated().map { bin, share in
                    let y = base - (largest > 0 ? share / largest : 0) * height
                    return "L\(SVG.number(left + Double(bin) * width)) \(SVG.number(y))h\(SVG.number(width))"
                }
                parts.append(
                    "<path class=\"area c\(color)\" d=\"M\(SVG.number(left)) \(SVG.number(base))"
                        + points.joined() + "V\(SVG.number(base))z\"/>")
            }
            parts.append("<path class=\"axis\" d=\"M\(SVG.number(left)) \(SVG.number(base))H\(SVG.number(right))\"/>")
        }
        let bottom = top + Double(histograms.count) * (height + 12)
        for cosine in [-1, -0.5, 0, 0.5, 1] {
            parts.append(SVG.text(SVG.number(cosine), x: left + (cosine + 1) / 2 * (right - left), y: bottom + 18, anchor: "middle"))
        }
        parts.append(SVG.text("cosine", x: (left + right) / 2, y: bottom + 38, anchor: "middle"))
        let label =
            histograms.isEmpty
            ? "no values"
            : "overlap \(NumberFormat.fixed(histograms[0].overlap, places: 2)) at step "
                + "\(histograms[0].step), \(NumberFormat.fixed(histograms.last!.overlap, places: 2)) at step \(histograms.last!.step)"
        return SVG.drawing(
            width: 540, height: bottom + 48, title: title, label: label,
            rules: ".chart .area { fill: var(--line); fill-opacity: 0.35; stroke: var(--line); stroke-width: 1; }", parts)
    }
}
