import CKernels

// Element by element. Axes of length one stretch where both ranks are written out; a scalar meets anything.
// Pullbacks capture shapes where shapes are all they need: a captured operand would stay in memory.
extension Tensor {
    /// The sum of elements. Axes of length one stretch if both ranks are equal; a scalar meets anything. Traps for other shapes,
    /// for different dtypes, and for int32 and bool; so do the operators below.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        Tape.record(
            "add", value: Kernels.binary(TAP_ADD, a, b, "add"), from: a, b,
            pullbackA: { [shape = a.shape] dy in dy.summed(to: shape) },
            pullbackB: { [shape = b.shape] dy in dy.summed(to: shape) })
    }

    /// The difference of elements, broadcast.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        Tape.record(
            "subtract", value: Kernels.binary(TAP_SUB, a, b, "subtract"), from: a, b,
            pullbackA: { [shape = a.shape] dy in dy.summed(to: shape) },
            pullbackB: { [shape = b.shape] dy in -dy.summed(to: shape) })
    }

    /// The product of elements, broadcast.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        Tape.record(
            "multiply", value: Kernels.binary(TAP_MUL, a, b, "multiply"), from: a, b,
            pullbackA: { [shape = a.shape] dy in (dy * b).summed(to: shape) },
            pullbackB: { [shape = b.shape] dy in (dy * a).summed(to: shape) })
    }

    /// The quotient of elements, broadcast.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        Tape.record(
            "divide", value: Kernels.binary(TAP_DIV, a, b, "divide"), from: a, b,
            pullbackA: { [shape = a.shape] dy in (dy / b).summed(to: shape) },
            pullbackB: { dy in -(dy * a / (b * b)).summed(to: b.shape) })
    }

    /// Each element with the other sign, float32 or float64.
    public static prefix func - (x: Tensor) -> Tensor {
        x.unary(TAP_NEG, "negate") { dy in -dy }
    }

    /// `self` to the power of `exponent`, element by element. The base must be positive where the exponent's
    /// gradient is wanted.
    public func pow(_ exponent: Tensor) -> Tensor {
        let base = self
        return Tape.record(
            "pow", value: Kernels.binary(TAP_POW, base, exponent, "pow"), from: base, exponent,
            pullbackA: { dy in (dy * exponent * base.pow(exponent - 1)).summed(to: base.shape) },
            pullbackB: { dy in (dy * base.pow(exponent) * base.log()).summed(to: exponent.shape) })
    }

    /// The larger of two elements. Where they are equal, the gradient goes to `a`.
    public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor {
        extremum("maximum", TAP_MAX, a, b, takesA: a.detached() .>= b.detached())
    }

    /// The smaller of two elements. Where they are equal, the gradient goes to `a`.
    public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor {
        extremum("minimum", TAP_MIN, a, b, takesA: a.detached() .<= b.detached())
    }

    private static func extremum(
        _ name: StaticString, _ op: tap_binary_op, _ a: Tensor, _ b: Tensor, takesA: @autoclosure () -> Tensor
    ) -> Tensor {
        let value = Kernels.binary(op, a, b, name)
        guard a.isRecorded || b.isRecorded else { return value }
        let mask = takesA()
        return Tape.record(
            name, value: value, from: a, b,
            pullbackA: { [shape = a.shape] dy in dy.filled(with: 0, where: !mask).summed(to: shape) },
            pullbackB: { [shape = b.shape] dy in dy.filled(with: 0, where: mask).summed(to: shape) })
    }

    // MARK: With a number

    /// A number added to each element.
    public static func + (a: Tensor, b: Double) -> Tensor { a.binary(TAP_ADD, b, "add") { dy in dy } }
    /// A number taken from each element.
    public static func - (a: Tensor, b: Double) -> Tensor { a.binary(TAP_SUB, b, "subtract") { dy in dy } }
    /// Each element times a number.
    public static func * (a: Tensor, b: Double) -> Tensor { a.binary(TAP_MUL, b, "multiply") { dy in dy * b } }
    /// Each element divided by a number.
    public static func / (a: Tensor, b: Double) -> Tensor { a.binary(TAP_DIV, b, "divide") { dy in dy / b } }

    /// A number added to each element.
    public static func + (a: Double, b: Tensor) -> Tensor { b + a }
    /// Each element times a number.
    public static func * (a: Double, b: Tensor) -> Tensor { b * a }

    /// A number minus each element.
    public static func - (a: Double, b: Tensor) -> Tensor {
        Kernels.loops("subtract", b)
        return -b + a
    }

    /// A number divided by each element.
    public static func / (a: Double, b: Tensor) -> Tensor {
        Kernels.loops("divide", b)
        return b.reciprocal() * a
    }

    /// Each element to a fixed power.
    public func pow(_ exponent: Double) -> Tensor {
        binary(TAP_POW, exponent, "pow") { dy in dy * (exponent == 0 ? self * 0 : pow(exponent - 1) * exponent) }
    }

    /// An operation with a number.
    @inline(__always)
    private func binary(
        _ operation: tap_binary_op, _ number: Double, _ name: StaticString, pullback: @escaping (_ dy: Tensor) -> Tensor
    ) -> Tensor {
        Tape.record(name, value: Kernels.binary(operation, self, number, name), from: self, pullback: pullback)
    }

    // MARK: In place

    /// `a = a + b`, in the memory of `a` where nobody else holds it and nothing is recorded.
    public static func += (a: inout Tensor, b: Tensor) {
        guard a.shape == b.shape, a.dtype == b.dtype, !a.isRecorded, !b.isRecorded else {
            a = a + b
            return
        }
        a.add(b, times: 1)
    }

    /// `a = a - b`.
    public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
    /// `a = a * b`.
    public static func *= (a: inout Tensor, b: Tensor) { a = a * b }

    /// Adds `factor * other` into this tensor's memory; copies first if the memory is shared. Constants only.
    public mutating func add(_ other: Tensor, times factor: Double) {
        let (loops, width) = (Kernels.loops("add(times:)", self, other), dtype.byteCount)
        require(shape == other.shape, "add(times:)", [self, other], "shapes differ")
        Tape.forbid(.addTimes, self, other)
        let target = uniqueBytes()
        Parallel.forRanges(count, grain: Kernels.grain) { range in
            loops.axpy(factor, other.at(range.lowerBound), target + range.lowerBound * width, Int64(range.count))
        }
    }

    /// Undoes broadcasting: adds up what was repeated, so that the result has `shape`.
    func summed(to shape: [Int]) -> Tensor {
        if self.shape == shape { return self }
        if shape.isEmpty { return sum() }
        let stretched = shape.indices.filter { shape[$0] == 1 && self.shape[$0] != 1 }
        return sum(alongAxes: stretched, keepingAxes: true)
    }

    /// The tensor repeated along its axes of length one, or a scalar repeated everywhere, to fill `shape`.
    public func broadcast(to shape: [Int]) -> Tensor {
        let x = self
        if x.shape == shape { return x }
        Kernels.loops("broadcast", x)
        let value =
            rank == 0
            ? Tensor(repeating: item, shape: shape, dtype: dtype)
            : Kernels.binary(TAP_ADD, x, .zeros(shape, dtype: dtype), "broadcast")
        require(value.shape == shape, "broadcast", [self], "does not fill shape \(shape)")
        return Tape.record("broadcast", value: value, from: x) { [shape = x.shape] dy in dy.summed(to: shape) }
    }
}

extension Kernels {
    static func binary(_ op: tap_binary_op, _ a: Tensor, _ b: Tensor, _ name: StaticString) -> Tensor {
        let loops = loops(name, a, b)
        if a.shape == b.shape && a.count <= grain {
            let out = Tensor(uninitialized: a.shape, dtype: a.dtype)
            loops.binary(op, a.bytes, 1, b.bytes, 1, out.bytes, Int64(a.count))
            return out
        }
        let plan = Broadcasting(a, b, name)
        let out = Tensor(uninitialized: plan.shape, dtype: a.dtype)
        plan.forEachRun { i, j, k, sa, sb, n in loops.binary(op, a.at(i), sa, b.at(j), sb, out.at(k), n) }
        return out
    }

    static func binary(_ op: tap_binary_op, _ a: Tensor, _ b: Double, _ name: StaticString) -> Tensor {
        let loops = loops(name, a)
        let out = Tensor(uninitialized: a.shape, dtype: a.dtype)
        Parallel.forRanges(a.count, grain: grain) { range in
            loops.binary_number(op, a.at(range.lowerBound), b, out.at(range.lowerBound), Int64(range.count))
        }
        return out
    }
}
