import Requirements

/// The outcome of a gradient check: whether it passed, and where it was worst.
public struct GradientCheckReport: Sendable, CustomStringConvertible {
    /// 1 for gradients, 2 for gradients of gradients.
    public let order: Int
    /// The largest relative difference that passes.
    public let tolerance: Double
    /// Number of derivatives that were compared.
    public let comparisons: Int
    /// The comparison that differs most, relative to the larger of the two figures and one.
    public let worst: Comparison?

    /// One derivative, computed twice.
    public struct Comparison: Sendable {
        /// Name of the input or parameter.
        public let input: String
        /// Row-major position in it; nil for a derivative along a random direction.
        public let index: Int?
        /// The derivative as the tape has it, and as central differences have it.
        public let tape: Double
        /// What central differences give.
        public let differences: Double

        /// The difference of the two figures, relative to the larger one and one; infinite where one is not finite.
        public var error: Double {
            let error = abs(tape - differences) / max(1, abs(tape), abs(differences))
            return error.isNaN ? .infinity : error
        }
    }

    /// Whether anything was compared, and nothing differs by more than the tolerance.
    public var passed: Bool { comparisons > 0 && (worst?.error ?? 0) <= tolerance }

    public var description: String {
        guard let worst else { return "order \(order): nothing was compared" }
        let place = worst.index.map { "element \($0)" } ?? "a random direction"
        return "order \(order), \(comparisons) derivatives, worst in \(worst.input) at \(place): "
            + "tape \(worst.tape), central differences \(worst.differences), "
            + "relative error \(worst.error) (allowed \(tolerance))"
    }
}

/// Compares derivatives by the tape with central differences, in float64.
///
/// All elements are compared where the inputs hold few, random directions where they hold many. A function
/// with several outputs is checked through a fixed random combination of them.
///
/// - Parameters:
///   - inputs: float64, away from points where the function has no derivative.
///   - names: What the report calls them; numbers when left out.
///   - order: 1, or 2 for the derivatives of the gradient, which takes every pullback through the tape.
///   - tolerance: Largest allowed difference, relative to the larger figure and one.
///   - function: Must be the same function at each call: random draws take a fixed key.
public func gradientCheck(
    at inputs: [Tensor], names: [String]? = nil, order: Int = 1, tolerance: Double = 1e-6,
    _ function: @escaping ([Tensor]) -> Tensor
) -> GradientCheckReport {
    for input in inputs { require(input.dtype == .float64, "gradientCheck", inputs, "needs float64 inputs") }
    require(order == 1 || order == 2, "gradientCheck: order \(order) is neither 1 nor 2")
    let key = RandomKey(0x67_7261_6469_656e)
    func weighted(_ y: Tensor, _ number: UInt64) -> Tensor {
        (y * Tensor.uniform(y.shape, from: 0.5, to: 1.5, dtype: .float64, key: key.folded(with: number))).sum()
    }
    let scalar: ([Tensor]) -> Tensor = { weighted(function($0), 0) }
    let checked: ([Tensor]) -> Tensor =
        order == 1
        ? scalar
        : { inputs in
            let gradients = valueAndGradients(at: inputs, scalar).gradients
            return gradients.enumerated().reduce(Tensor(0, dtype: .float64)) { $0 + weighted($1.element, UInt64($1.offset + 1)) }
        }
    let gradients = valueAndGradients(at: inputs, checked).gradients
    let names = names ?? inputs.indices.map { "input \($0)" }
    return compare(gradients, at: inputs, names, order, tolerance, key) { checked($0).item }
}

private func compare(
    _ gradients: [Tensor], at inputs: [Tensor], _ names: [String], _ order: Int, _ tolerance: Double,
    _ key: RandomKey, _ function: ([Tensor]) -> Double
) -> GradientCheckReport {
    var worst: GradientCheckReport.Comparison?
    var comparisons = 0
    let elementLimit = 300, directionCount = 8
    for (i, input) in inputs.enumerated() {
        var directions: [(index: Int?, values: [Double])] = []
        if input.count <= elementLimit {
            directions = (0..<input.count).map { j in
                var unit = [Double](repeating: 0, count: input.count)
                unit[j] = 1
                return (j, unit)
            }
        } else {
            directions = (0..<directionCount).map { j in
                (nil, Tensor.normal(input.shape, dtype: .float64, key: key.folded(with: UInt64(1000 * i + j + 77))).values)
            }
        }
        let values = input.values
        let gradient = gradients[i].values
        for direction in directions {
            let length = direction.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let step = 1e-5 / length
            func shifted(_ factor: Double) -> Double {
                var moved = inputs
                moved[i] = Tensor(zip(values, direction.values).map { $0 + factor * step * $1 }, shape: input.shape, dtype: .float64)
                return function(moved)
            }
            // Four points: the error is of the fourth power of the step.
            let slope = (8 * (shifted(1) - shifted(-1)) - (shifted(2) - shifted(-2))) / (12 * step)
            let tape = zip(gradient, direction.values).reduce(0) { $0 + $1.0 * $1.1 }
            let comparison = GradientCheckReport.Comparison(input: names[i], index: direction.index, tape: tape, differences: slope)
            comparisons += 1
            if worst == nil || comparison.error > worst!.error { worst = comparison }
        }
    }
    return GradientCheckReport(order: order, tolerance: tolerance, comparisons: comparisons, worst: worst)
}
