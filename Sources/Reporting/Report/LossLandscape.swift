import Autodiff
import Layers
import Requirements

/// A loss around the present parameters, on a plane through them: what training walks over.
///
/// Two random directions span the plane, each as long, row by row, as the parameters themselves (Li et al. 2018,
/// arXiv:1712.09913), so that landscapes of different models and losses can be compared.
///
/// ```swift
/// let landscape = LossLandscape(of: model.parameters, key: RandomKey(1)) { objective.value(model, batch).total.item }
/// try Data(landscape.svg(title: "CoSENTLoss").utf8).write(to: URL(fileURLWithPath: "landscape.svg"))
/// ```
public struct LossLandscape: Sendable {
    /// Distances along both directions, in lengths of the parameters.
    public let positions: [Double]
    /// `values[i][j]`: the loss at `positions[i]` along the second direction and `positions[j]` along the first.
    public let values: [[Double]]

    /// - Parameters:
    ///   - parameters: What the loss is seen as a function of; their values are put back afterwards.
    ///   - radius: How far the plane reaches, in lengths of the parameters.
    ///   - resolution: Points along each direction; odd, so that the middle is the present point.
    ///   - key: Draws the directions.
    ///   - loss: The loss at the parameters' present values.
    public init(
        of parameters: [Parameter], radius: Double = 1, resolution: Int = 21, key: RandomKey, _ loss: () throws -> Double
    ) rethrows {
        require(resolution > 1 && resolution % 2 == 1, "LossLandscape: needs an odd resolution of 3 or more, not \(resolution)")
        let half = Double(resolution / 2)
        let positions = (0..<resolution).map { radius * (Double($0) - half) / half }
        let origin = parameters.map(\.value)
        defer { for (parameter, value) in zip(parameters, origin) { parameter.value = value } }
        let directions = (0..<2).map { number in
            origin.enumerated().map { index, value in
                LossLandscape.direction(like: value, key: key.folded(with: UInt64(2 * index + number)))
            }
        }
        values = try positions.map { y in
            try positions.map { x in
                for (index, parameter) in parameters.enumerated() {
                    parameter.value = origin[index] + directions[0][index] * x + directions[1][index] * y
                }
                return try loss()
            }
        }
        self.positions = positions
    }

    /// Random, each row as long as the row of `value`.
    private static func direction(like value: Tensor, key: RandomKey) -> Tensor {
        let rows = value.detached().reshaped([value.rank > 1 ? value.shape[0] : 1, -1])
        let random = Tensor.normal(rows.shape, dtype: value.dtype, key: key).normalized()
        return (random * rows.norm(alongAxis: 1, keepingAxis: true)).reshaped(value.shape)
    }

    /// The landscape as a map: the darker, the smaller the loss. A point without a finite loss is left blank.
    public func svg(title: String) -> String {
        let finite = values.joined().filter(\.isFinite)
        let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
        let (left, top, size) = (64.0, 34.0, 360.0)
        let cell = size / Double(positions.count)
        var parts: [String] = []
        for (i, row) in values.enumerated() {
            for (j, value) in row.enumerated() where value.isFinite {
                let share = high > low ? (value - low) / (high - low) : 0
                let place = "\(NumberFormat.general(positions[j])), \(NumberFormat.general(positions[i]))"
                parts.append(
                    "<rect x=\"\(SVG.number(left + Double(j) * cell))\" y=\"\(SVG.number(top + size - Double(i + 1) * cell))\" "
                        + "width=\"\(SVG.number(cell + 0.3))\" height=\"\(SVG.number(cell + 0.3))\" fill=\"\(Self.color(share))\">"
                        + "<title>loss \(NumberFormat.general(value)) at \(place)</title></rect>")
            }
        }
        let middle = (left + size / 2, top + size / 2)
        parts.append(
            "<path d=\"M\(SVG.number(middle.0 - 5)) \(SVG.number(middle.1))h10M\(SVG.number(middle.0)) "
                + "\(SVG.number(middle.1 - 5))v10\" stroke=\"#ffffff\" stroke-width=\"1.5\"/>")
        for position in [positions.first!, 0, positions.last!] {
            let share = (position - positions.first!) / (positions.last! - positions.first!)
            let label = SVG.number(position)
            parts.append(SVG.text(label, x: left + share * size, y: top + size + 18, anchor: "middle"))
            parts.append(SVG.text(label, x: left - 8, y: top + size * (1 - share) + 5, anchor: "end"))
        }
        parts.append(SVG.text("first direction", x: middle.0, y: top + size + 38, anchor: "middle"))
        parts.append("<text transform=\"translate(14 \(SVG.number(middle.1))) rotate(-90)\" text-anchor=\"middle\">second direction</text>")
        let steps = 40
        for step in 0..<steps {
            let share = Double(step) / Double(steps - 1)
            parts.append(
                "<rect x=\"444\" y=\"\(SVG.number(top + size * (1 - Double(step + 1) / Double(steps))))\" width=\"16\" "
                    + "height=\"\(SVG.number(size / Double(steps) + 0.3))\" fill=\"\(Self.color(share))\"/>")
        }
        parts.append(SVG.text(NumberFormat.general(high), x: 468, y: top + 10))
        parts.append(SVG.text(NumberFormat.general(low), x: 468, y: top + size))
        parts.append(SVG.text("loss", x: 468, y: top + size / 2))
        let label =
            "loss from \(NumberFormat.general(low)) to \(NumberFormat.general(high)), "
            + "\(NumberFormat.general(values[positions.count / 2][positions.count / 2])) in the middle"
        return SVG.drawing(width: 540, height: top + size + 48, title: title, label: label, parts)
    }

    /// From dark blue over green to pale yellow.
    private static func color(_ share: Double) -> String {
        let stops: [(Double, Double, Double)] = [(28, 34, 84), (36, 92, 140), (42, 146, 140), (122, 196, 112), (246, 230, 150)]
        let position = min(max(share, 0), 1) * Double(stops.count - 1)
        let index = min(Int(position), stops.count - 2)
        let part = position - Double(index)
        func mix(_ a: Double, _ b: Double) -> Int { Int((a + (b - a) * part).rounded()) }
        let (a, b) = (stops[index], stops[index + 1])
        return "rgb(\(mix(a.0, b.0)),\(mix(a.1, b.1)),\(mix(a.2, b.2)))"
    }
}
