extension Tape {
    /// Records an operation of one operand. Where nothing is being recorded, this is just `value`.
    ///
    /// - Parameters:
    ///   - name: The operation, as error messages and anomaly reports call it.
    ///   - value: What the operation computed, as a constant.
    ///   - x: The operand.
    ///   - pullback: Maps a cotangent of the value to the cotangent of the operand, in tensor operations.
    @inline(__always)
    public static func record(
        _ name: StaticString, value: Tensor, from x: Tensor, pullback: @escaping (_ dy: Tensor) -> Tensor
    ) -> Tensor {
        guard let tape = x.tape, tape.isRecording else { return value }
        return tape.append(name, value, .unary(x.slot, pullback))
    }

    /// Records an operation of one operand whose pullback is written in terms of the output.
    ///
    /// - Parameters:
    ///   - name: What messages call the operation.
    ///   - value: The result, not recorded.
    ///   - x: The operand.
    ///   - pullback: Is handed the *recorded* output: a captured kernel result would be a constant, and
    ///     second derivatives silently wrong.
    @inline(__always)
    public static func record(
        _ name: StaticString, value: Tensor, from x: Tensor,
        pullback: @escaping (_ y: Tensor, _ dy: Tensor) -> Tensor
    ) -> Tensor {
        guard let tape = x.tape, tape.isRecording else { return value }
        return tape.append(name, value, .unaryOfOutput(x.slot, pullback), keepingOutput: true)
    }

    /// Records an operation of two operands, with one pullback for each; only those needed are called.
    @inline(__always)
    public static func record(
        _ name: StaticString, value: Tensor, from a: Tensor, _ b: Tensor,
        pullbackA: @escaping (_ dy: Tensor) -> Tensor, pullbackB: @escaping (_ dy: Tensor) -> Tensor
    ) -> Tensor {
        guard a.tape != nil || b.tape != nil, let tape = commonTape([a, b], name) else { return value }
        return tape.append(name, value, .binary(slot(of: a, on: tape), pullbackA, slot(of: b, on: tape), pullbackB))
    }

    /// Records an operation of any number of operands, with one pullback for all of them.
    ///
    /// - Parameters:
    ///   - name: What messages call the operation.
    ///   - value: The result, not recorded.
    ///   - operands: All that it depends on.
    ///   - pullback: Gets the cotangent and which operands want one; returns one gradient an operand, nil
    ///     where none is wanted or the operand has no influence.
    public static func record(
        _ name: StaticString, value: Tensor, from operands: [Tensor],
        pullback: @escaping (_ dy: Tensor, _ wanted: [Bool]) -> [Gradient?]
    ) -> Tensor {
        guard let tape = commonTape(operands, name) else { return value }
        return tape.append(name, value, .general(operands.map { slot(of: $0, on: tape) }, pullback))
    }

    /// Records that `value` is the part of `x` that lies in a range of an axis.
    static func recordSlice(
        _ name: StaticString, value: Tensor, of x: Tensor, _ range: Range<Int>, alongAxis axis: Int
    ) -> Tensor {
        guard let tape = x.tape, tape.isRecording else { return value }
        return tape.append(name, value, .slice(x.slot, range, axis: axis))
    }

    /// Records a fused operation: `pullback` as a kernel, `composed` for derivatives of derivatives.
    ///
    /// - Parameters:
    ///   - name: What messages call the operation.
    ///   - value: The result, not recorded.
    ///   - operands: All that it depends on.
    ///   - pullback: By a kernel: first derivatives alone go through it.
    ///   - composed: The same function of the operands in primitive, differentiable operations.
    public static func recordFused(
        _ name: StaticString, value: Tensor, from operands: [Tensor],
        pullback: @escaping (_ dy: Tensor, _ wanted: [Bool]) -> [Gradient?],
        composed: @escaping (_ operands: [Tensor]) -> Tensor
    ) -> Tensor {
        guard let tape = commonTape(operands, name) else { return value }
        let operation = FusedOperation(inputs: operands, pullback: pullback, composed: composed)
        return tape.append(name, value, .fused(operation))
    }

    /// The open tape that the operands are recorded on, nil if all are constants.
    private static func commonTape(_ operands: [Tensor], _ name: StaticString) -> Tape? {
        var common: Tape?
        for operand in operands {
            guard let tape = operand.tape, tape.isRecording else { continue }
            require(common == nil || common === tape, name, operands, "the operands are recorded on different tapes")
            common = tape
        }
        return common
    }

    private static func slot(of x: Tensor, on tape: Tape) -> Int32 { x.tape === tape ? x.slot : -1 }
}
