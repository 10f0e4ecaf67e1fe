import Autodiff
import Requirements

/// One gradient for each of a list of parameters; nil where the loss does not depend on the parameter.
public struct Gradients: Sendable {
    /// The parameters.
    public private(set) var parameters: [Parameter]
    /// A gradient for each of them, or nil.
    public private(set) var values: [Gradient?]
    private var positions: [ObjectIdentifier: Int]

    /// Traps unless there is one value, or nil, for each parameter.
    public init(_ parameters: [Parameter], _ values: [Gradient?]) {
        require(parameters.count == values.count, "Gradients: one value, or nil, for each parameter")
        self.parameters = parameters
        self.values = values
        positions = [:]
        for (i, parameter) in parameters.enumerated() { positions[ObjectIdentifier(parameter)] = i }
    }

    /// The gradient of a parameter; nil where there is none.
    public subscript(parameter: Parameter) -> Gradient? {
        positions[ObjectIdentifier(parameter)].flatMap { values[$0] }
    }

    /// Euclidean length of all gradients together, accumulated in double precision.
    public var globalNorm: Double { globalNorm(without: []) }

    /// The same without some parameters.
    public func globalNorm(without excluded: [Parameter]) -> Double {
        let excluded = Set(excluded.map(ObjectIdentifier.init))
        return zip(parameters, values).reduce(0) { sum, pair in
            excluded.contains(ObjectIdentifier(pair.0)) ? sum : sum + (pair.1?.sumOfSquares ?? 0)
        }.squareRoot()
    }

    /// Adds another set of gradients: those of further mini-batches.
    public mutating func add(_ other: Gradients) {
        for (parameter, value) in zip(other.parameters, other.values) {
            guard let value else { continue }
            if let position = positions[ObjectIdentifier(parameter)] {
                if values[position] == nil { values[position] = value } else { values[position]!.add(value) }
            } else {
                positions[ObjectIdentifier(parameter)] = parameters.count
                parameters.append(parameter)
                values.append(value)
            }
        }
    }

    /// All gradients times a number.
    public func scaled(by factor: Double) -> Gradients {
        Gradients(parameters, values.map { $0?.scaled(by: factor) })
    }
}

/// The value of a scalar function of the parameters, and its gradient with respect to each that is trainable.
///
/// Calls nest as those of `gradient(at:)` do: where the function depends on what an outer call differentiates by, value and
/// gradients are differentiable themselves.
///
/// - Parameters:
///   - parameters: Usually `model.parameters`. In place of one that is composed, its parts are differentiated by.
///   - detectingAnomalies: Looks at every value and cotangent, and throws `Anomaly` for the first that is not finite.
///   - function: Computes a tensor of one element, by any layers and operations.
public func valueAndGradients(
    of parameters: [Parameter], detectingAnomalies: Bool, _ function: () throws -> Tensor
) throws -> (value: Tensor, gradients: Gradients) {
    let trained = leaves(parameters)
    return try withInnermostTape(of: trained.map(\.value), detectingAnomalies: detectingAnomalies) { tape in
        try differentiate(trained, on: tape) { (try function(), nil) }
    }
}

/// The same without looking for anomalies.
public func valueAndGradients(
    of parameters: [Parameter], _ function: () throws -> Tensor
) rethrows -> (value: Tensor, gradients: Gradients) {
    let trained = leaves(parameters)
    return try withInnermostTape(of: trained.map(\.value)) { tape in
        try differentiate(trained, on: tape) { (try function(), nil) }
    }
}

/// The gradients of a function with any number of outputs, for a given cotangent of its value.
///
/// - Parameters:
///   - parameters: As for `valueAndGradients(of:_:)`.
///   - detectingAnomalies: As there.
///   - function: Returns the value and its cotangent, of the same shape.
public func vectorJacobianProduct(
    of parameters: [Parameter], detectingAnomalies: Bool = false, _ function: () throws -> (value: Tensor, cotangent: Tensor)
) throws -> (value: Tensor, gradients: Gradients) {
    let trained = leaves(parameters)
    return try withInnermostTape(of: trained.map(\.value), detectingAnomalies: detectingAnomalies) { tape in
        try differentiate(trained, on: tape) {
            let (value, cotangent) = try function()
            return (value, cotangent)
        }
    }
}

/// What training changes of the parameters.
private func leaves(_ parameters: [Parameter]) -> [Parameter] {
    parameters.flatMap { $0.leaves(named: "") }.distinct.map(\.parameter).filter(\.isTrainable)
}

private func differentiate(
    _ parameters: [Parameter], on tape: Tape, _ function: () throws -> (Tensor, Tensor?)
) rethrows -> (value: Tensor, gradients: Gradients) {
    let (value, gradients) = try tape.differentiate(at: parameters.map(\.value)) { watched in
        try substituting(watched, for: parameters, function)
    }
    return (value, Gradients(parameters, gradients))
}

/// Runs `body` with tensors in place of the parameters' values, on this thread.
func substituting<R>(_ tensors: [Tensor], for parameters: [Parameter], _ body: () throws -> R) rethrows -> R {
    let identifiers = parameters.map(ObjectIdentifier.init)
    return try Scope.open(substitutes: Dictionary(uniqueKeysWithValues: zip(identifiers, tensors)), body)
}

/// Compares the gradients of a module's parameters with central differences, in float64.
///
/// A float32 model is checked through a float64 shadow, which stands in for its values on this thread.
///
/// - Parameters:
///   - parameters: What is varied.
///   - order: 1, or 2 for the derivatives of the gradient.
///   - tolerance: Largest allowed difference, relative to the larger figure and one.
///   - function: Computes a tensor from the module's parameters; it must convert its own constants by the dtype
///     of the parameters, and draw random numbers from a fixed key.
public func gradientCheck(
    of parameters: [NamedParameter], order: Int = 1, tolerance: Double = 1e-6, _ function: @escaping () -> Tensor
) -> GradientCheckReport {
    gradientCheck(
        at: parameters.map { $0.parameter.value.cast(to: .float64) }, names: parameters.map(\.name), order: order,
        tolerance: tolerance
    ) { values in substituting(values, for: parameters.map(\.parameter), function) }
}
