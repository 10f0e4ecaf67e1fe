/// Opens a tape for the length of `body`.
///
/// - Parameters:
///   - detectingAnomalies: Looks at every value that is recorded and every cotangent, and throws
///     `Anomaly` for the first that is not finite, after `body` has run.
///   - body: Gets the tape, which ends with it.
public func withTape<R>(detectingAnomalies: Bool, _ body: (Tape) throws -> R) throws -> R {
    let tape = Tape(detectingAnomalies: detectingAnomalies)
    defer { tape.close() }
    let result = try Scope.open(tape: tape) { try body(tape) }
    if let anomaly = tape.anomaly { throw anomaly }
    return result
}

/// Opens a tape for the length of `body`.
public func withTape<R>(_ body: (Tape) throws -> R) rethrows -> R {
    let tape = Tape(detectingAnomalies: false)
    defer { tape.close() }
    return try Scope.open(tape: tape) { try body(tape) }
}

/// The tape that the inputs are recorded on, else the innermost one that records on this thread, else a new one:
/// derivatives nest in one record.
package func withInnermostTape<R>(of inputs: [Tensor], _ body: (Tape) throws -> R) rethrows -> R {
    if let tape = inputs.first(where: \.isRecorded)?.tape ?? Scope.innermostTape { return try body(tape) }
    return try withTape(body)
}

/// The same, looking for values and cotangents that are not finite.
package func withInnermostTape<R>(
    of inputs: [Tensor], detectingAnomalies: Bool, _ body: (Tape) throws -> R
) throws -> R {
    guard let tape = inputs.first(where: \.isRecorded)?.tape ?? Scope.innermostTape else {
        return try withTape(detectingAnomalies: detectingAnomalies, body)
    }
    let detectedBefore = tape.detectsAnomalies
    defer { tape.detectsAnomalies = detectedBefore }
    tape.detectsAnomalies = detectedBefore || detectingAnomalies
    let result = try body(tape)
    if let anomaly = tape.anomaly { throw anomaly }
    return result
}

/// Runs a computation and throws `Anomaly` if one of its operations, forward or backward, gives a NaN or an
/// infinity: with the operation's name, the line that called it, shape and position. Costs time; meant for
/// looking for the cause once a loss is not finite.
public func detectAnomalies<R>(_ body: (Tape) throws -> R) throws -> R {
    try withTape(detectingAnomalies: true, body)
}

/// The value of a scalar function and its gradient with respect to every input.
///
/// Calls nest at any point and to any depth: where an inner function depends on what an outer call differentiates by,
/// through its inputs or by what it captures, its value and gradients are themselves differentiable.
///
/// - Returns: The value, and one gradient of the shape of each input; zeros where there is no influence.
public func valueAndGradients(
    at inputs: [Tensor], _ function: ([Tensor]) -> Tensor
) -> (value: Tensor, gradients: [Tensor]) {
    require(inputs.allSatisfy(\.dtype.isFloatingPoint), "valueAndGradients", inputs, "only float32 and float64 have derivatives")
    return withInnermostTape(of: inputs) { tape in
        let (value, gradients) = tape.differentiate(at: inputs) { (function($0), nil) }
        return (value, zip(gradients, inputs).map { $0?.tensor ?? .zeros($1.shape, dtype: $1.dtype) })
    }
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
