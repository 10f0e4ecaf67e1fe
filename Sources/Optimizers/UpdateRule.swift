import Autodiff

/// How an optimizer changes one parameter: its state and its rule.
public protocol UpdateRule: Sendable {
    /// Names of the state tensors, as checkpoint files call them.
    var stateNames: [String] { get }

    /// Changes `value` by one step.
    ///
    /// - Parameters:
    ///   - value: The parameter's value.
    ///   - state: What the rule remembers of this parameter; empty before the first step.
    ///   - gradient: Of the loss with respect to `value`.
    ///   - gradientScale: What the gradient is to be multiplied with: the clipping coefficient.
    ///   - learningRate: Of this step and this parameter's group.
    ///   - weightDecay: The decay of this parameter's group.
    ///   - step: 1 for the first step.
    func update(
        _ value: inout Tensor, state: inout ParameterState, gradient: Gradient, gradientScale: Double,
        learningRate: Double, weightDecay: Double, step: Int)
}

/// What an update rule remembers of one parameter.
public struct ParameterState: Sendable {
    /// In the order of the rule's `stateNames`.
    public var tensors: [Tensor] = []
    /// Rows of an embedding table whose state is not zero; empty: unknown, or all.
    public var liveRows: [Bool] = []

    /// Nothing is remembered yet.
    public init() {}

    /// From tensors that were kept; a matrix's rows that are all zero are not live.
    init(_ tensors: [Tensor]) {
        self.tensors = tensors
        guard let shape = tensors.first?.shape, shape.count == 2 else { return }
        liveRows = [Bool](repeating: false, count: shape[0])
        for tensor in tensors {
            for (row, largest) in tensor.abs().max(alongAxis: 1).values.enumerated() where largest != 0 { liveRows[row] = true }
        }
    }
}
