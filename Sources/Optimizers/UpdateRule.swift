import Autodiff
import Options

/// How an optimizer changes one parameter: its state, its settings and its rule.
public protocol UpdateRule: Configurable, Sendable {
    /// Names of the state tensors, as checkpoint files call them; without a dot.
    var stateNames: [String] { get }

    /// The shape of a state tensor for a parameter of a shape; nil where such a parameter has no state of this name. The
    /// parameter's own where nothing else is said.
    func shape(ofState name: String, for parameterShape: [Int]) -> [Int]?

    /// Changes `value` by one step. All that `state` holds afterwards has to be named by `stateNames`, in the shapes that
    /// `shape(ofState:for:)` says: an optimizer traps otherwise, since it could not be saved.
    ///
    /// - Parameters:
    ///   - value: The parameter's value.
    ///   - state: What the rule remembers of this parameter; empty before the first step.
    ///   - gradient: Of the loss with respect to `value`.
    ///   - step: Learning rate, decay, clipping, and which step this is.
    func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep)

    /// Where the weights that are evaluated and saved are others than those that are trained: how far the former lie from the
    /// latter on the line through the state `z`, as the share β that training keeps of them. Nil: they are the same.
    var averagingShare: Double? { get }
}

extension UpdateRule {
    public var stateNames: [String] { [] }
    public func shape(ofState name: String, for parameterShape: [Int]) -> [Int]? { parameterShape }
    public var averagingShare: Double? { nil }
    public var options: [OptionRow<Self>] { [] }

    /// Why this is not a state of the rule for a parameter of a shape; nil where it is, or is empty.
    func mismatch(_ state: ParameterState, shape: [Int]) -> String? {
        if state.tensors.isEmpty && state.step == 0 { return nil }
        let wanted = stateNames.compactMap { name in self.shape(ofState: name, for: shape).map { (name, $0) } }
        if let name = state.tensors.keys.filter({ name in !wanted.contains { $0.0 == name } }).min() {
            return "holds \(name), which \(Self.self) does not name in stateNames"
        }
        for (name, shape) in wanted {
            guard let found = state.tensors[name]?.shape else { return "should hold \(name), but does not" }
            if found != shape { return "has other shapes: \(name) is \(found), but should be \(shape)" }
        }
        return nil
    }
}

/// What one step of an optimizer is, for one parameter.
public struct UpdateStep: Sendable {
    /// Of this step and this parameter's group.
    public var learningRate: Double
    /// The decay of this parameter's group.
    public var weightDecay: Double
    /// What the gradient is to be multiplied with: the clipping coefficient.
    public var gradientScale: Double
    /// The number of this parameter's updates, this one included: 1 for the first.
    public var number: Int
    /// The place of the parameter among those of its group that have a gradient, from 0.
    public var place: Int

    /// A step of given figures.
    public init(learningRate: Double, weightDecay: Double = 0, gradientScale: Double = 1, number: Int, place: Int = 0) {
        (self.learningRate, self.weightDecay, self.gradientScale) = (learningRate, weightDecay, gradientScale)
        (self.number, self.place) = (number, place)
    }

    /// The gradient with every element written out, times `gradientScale`.
    func scaled(_ gradient: Gradient) -> Tensor { gradient.scaled(by: gradientScale).tensor }
}

/// What an update rule remembers of one parameter.
public struct ParameterState: Sendable {
    /// By the names of the rule's `stateNames`.
    public var tensors: [String: Tensor] = [:]
    /// Rows of an embedding table whose state is not zero; empty: unknown, or all.
    public var liveRows: [Bool] = []
    /// Updates of the parameter so far.
    public internal(set) var step = 0

    /// Nothing is remembered yet.
    public init() {}

    /// From tensors that were kept; a matrix's rows that are all zero are not live.
    init(_ tensors: [String: Tensor], step: Int, shape: [Int]) {
        (self.tensors, self.step) = (tensors, step)
        guard shape.count == 2, !tensors.isEmpty, tensors.values.allSatisfy({ $0.shape == shape }) else { return }
        liveRows = [Bool](repeating: false, count: shape[0])
        for tensor in tensors.values {
            for (row, largest) in tensor.abs().max(alongAxis: 1).values.enumerated() where largest != 0 { liveRows[row] = true }
        }
    }

    /// A state tensor, taken out so that it can be changed in place; what `initial` makes where there is none yet.
    public mutating func take(_ name: String, or initial: @autoclosure () -> Tensor) -> Tensor {
        tensors.removeValue(forKey: name) ?? initial()
    }

    /// `decay · state + share · term`, which becomes the state of this name.
    mutating func decay(_ name: String, by decay: Double, adding term: Tensor, times share: Double) -> Tensor {
        let mean = tensors[name].map { $0 * decay + term * share } ?? term * share
        tensors[name] = mean
        return mean
    }
}
