/// Opens a tape for the length of `body`.
///
/// - Parameter detectingAnomalies: Looks at every value that is recorded and every cotangent, and throws
///   `Anomaly` for the first that is not finite, after `body` has run.
public func withTape<R>(detectingAnomalies: Bool, _ body: (Tape) throws -> R) throws -> R {
    let tape = Tape(detectingAnomalies: detectingAnomalies)
    defer { tape.close() }
    let result = try body(tape)
    if let anomaly = tape.anomaly { throw anomaly }
    return result
}

/// Opens a tape for the length of `body`.
public func withTape<R>(_ body: (Tape) throws -> R) rethrows -> R {
    let tape = Tape(detectingAnomalies: false)
    defer { tape.close() }
    return try body(tape)
}

/// Runs a computation and throws `Anomaly` if one of its operations, forward or backward, gives a NaN or an
/// infinity: with the operation's name, the line that called it, shape and position. Costs time; meant for
/// looking for the cause once a loss is not finite.
public func detectAnomalies<R>(_ body: (Tape) throws -> R) throws -> R {
    try withTape(detectingAnomalies: true, body)
}

/// The value of a scalar function and its gradient with respect to every input.
///
/// Inside the closure of another call, the gradients are themselves differentiable if an input depends on what
/// that call differentiates by: gradients of gradients need nothing more.
///
/// - Returns: The value, and one gradient of the shape of each input; zeros where there is no influence.
public func valueAndGradients(
    at inputs: [Tensor], _ function: ([Tensor]) -> Tensor
) -> (value: Tensor, gradients: [Tensor]) {
    func run(_ tape: Tape, differentiable: Bool) -> (Tensor, [Tensor]) {
        let watched = inputs.map { tape.alias($0) }
        let value = function(watched)
        let gradients = tape.pullback(of: value, to: watched, differentiable: differentiable)
        let dense = zip(gradients, inputs).map { $0?.tensor ?? .zeros($1.shape, dtype: $1.dtype) }
        return (differentiable ? value : value.detached(), dense)
    }
    if let outer = inputs.first(where: \.isRecorded)?.tape { return run(outer, differentiable: true) }
    return withTape { run($0, differentiable: false) }
}

/// The gradient of a scalar function of one tensor.
public func gradient(at x: Tensor, _ function: (Tensor) -> Tensor) -> Tensor {
    valueAndGradients(at: [x]) { function($0[0]) }.gradients[0]
}

/// The product of a scalar function's Hessian with a direction of the shape of `x`, without building the Hessian.
public func hessianVectorProduct(at x: Tensor, along direction: Tensor, _ function: (Tensor) -> Tensor) -> Tensor {
    gradient(at: x) { x in (gradient(at: x, function) * direction).sum() }
}

/// The matrix of second derivatives of a scalar function, `[n, n]` for a tensor of n elements.
public func hessian(at x: Tensor, _ function: (Tensor) -> Tensor) -> Tensor {
    let rows = (0..<x.count).map { i in
        var unit = [Double](repeating: 0, count: x.count)
        unit[i] = 1
        let direction = Tensor(unit, shape: x.shape, dtype: x.dtype)
        return hessianVectorProduct(at: x, along: direction, function).reshaped([x.count])
    }
    return Tensor.stacking(rows)
}
