import Autodiff
import Options

/// Adafactor with a learning rate from outside (Shazeer & Stern 2018, arXiv:1804.04235): of a matrix it keeps the mean squares
/// of rows and columns alone.
public struct Adafactor: UpdateRule {
    /// Added to the squared gradient.
    public var epsilon: Double
    /// The largest root mean square of an update, before the learning rate.
    public var clipThreshold: Double
    /// The exponent by which the share of the past grows with the steps.
    public var decayRate: Double
    /// Decay of the mean update; nil: none is kept.
    public var beta1: Double?

    /// The rule with the usual defaults.
    public init(epsilon: Double = 1e-30, clipThreshold: Double = 1, decayRate: Double = -0.8, beta1: Double? = nil) {
        (self.epsilon, self.clipThreshold, self.decayRate, self.beta1) = (epsilon, clipThreshold, decayRate, beta1)
    }

    public var options: [OptionRow<Adafactor>] {
        [
            .init("eps", \.epsilon, "", .atLeast(0)), .init("clip_threshold", \.clipThreshold, "", .moreThan(0)),
            .init("decay_rate", \.decayRate, "", Bound("0 or less") { $0 <= 0 }), .init("beta1", \.beta1, "", .decay),
        ]
    }
    public var stateNames: [String] { ["exp_avg_sq_row", "exp_avg_sq_col", "exp_avg_sq"] + (beta1 == nil ? [] : ["exp_avg"]) }

    public func shape(ofState name: String, for shape: [Int]) -> [Int]? {
        switch name {
        case "exp_avg_sq_row": shape.count < 2 ? nil : shape.dropLast()
        case "exp_avg_sq_col": shape.count < 2 ? nil : shape.dropLast(2) + shape.suffix(1)
        case "exp_avg_sq": shape.count < 2 ? shape : nil
        default: shape
        }
    }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        let g = step.scaled(gradient)
        let decay = 1 - power(Double(step.number), decayRate)
        let squares = g.square() + epsilon
        var update: Tensor
        if value.rank >= 2 {
            let rows = state.decay("exp_avg_sq_row", by: decay, adding: squares.mean(alongAxis: -1), times: 1 - decay)
            let columns = state.decay("exp_avg_sq_col", by: decay, adding: squares.mean(alongAxis: -2), times: 1 - decay)
            let rowFactor = (rows / rows.mean(alongAxis: -1, keepingAxis: true)).sqrt().reciprocal()
            update =
                g * rowFactor.reshaped(rows.shape + [1])
                * columns.sqrt().reciprocal().reshaped(columns.shape.dropLast() + [1] + columns.shape.suffix(1))
        } else {
            update = g / state.decay("exp_avg_sq", by: decay, adding: squares, times: 1 - decay).sqrt()
        }
        update = update * (step.learningRate / max(1, update.rootMeanSquare / clipThreshold))
        if let beta1 { update = state.decay("exp_avg", by: beta1, adding: update, times: 1 - beta1) }
        step.decay(&value)
        value.add(update, times: -1)
    }
}

extension Tensor {
    /// √ of the mean square of all elements.
    var rootMeanSquare: Double { square().mean().item.squareRoot() }
}
