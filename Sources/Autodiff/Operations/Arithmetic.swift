import CKernels

// Element by element. Axes of length one stretch where both ranks are written out; a scalar meets anything.
// Pullbacks capture shapes where shapes are all they need: a captured operand would stay in memory.
extension Tensor {
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        Tape.record("add", value: Kernels.binary(TAP_ADD, a, b, "add"), from: a, b,
                    pullbackA: { [shape = a.shape] dy in dy.summed(to: shape) },
                    pullbackB: { [shape = b.shape] dy in dy.summed(to: shape) })
    }

    public static func - (a: Tensor, b: Tensor) -> Tensor {
        Tape.record("subtract", value: Kernels.binary(TAP_SUB, a, b, "subtract"), from: a, b,
                    pullbackA: { [shape = a.shape] dy in dy.summed(to: shape) },
                    pullbackB: { [shape = b.shape] dy in -dy.summed(to: shape) })
    }

    public static func * (a: Tensor, b: Tensor) -> Tensor {
        Tape.record("multiply", value: Kernels.binary(TAP_MUL, a, b, "multiply"), from: a, b,
                    pullbackA: { [shape = a.shape] dy in (dy * b).summed(to: shape) },
                    pullbackB: { [shape = b.shape] dy in (dy * a).summed(to: shape) })
    }

    public static func / (a: Tensor, b: Tensor) -> Tensor {
        Tape.record("divide", value: Kernels.binary(TAP_DIV, a, b, "divide"), from: a, b,
                    pullbackA: { [shape = a.shape] dy in (dy / b).summed(to: shape) },
                    pullbackB: { dy in -(dy * a / (b * b)).summed(to: b.shape) })
    }

    public static prefix func - (x: Tensor) -> Tensor {
        Tape.record("negate", value: Kernels.unary(TAP_NEG, x), from: x) { dy in -dy }
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
        return Tape.record(name, value: value, from: a, b,
                           pullbackA: { [shape = a.shape] dy in dy.filled(with: 0, where: !mask).summed(to: shape) },
                           pullbackB: { [shape = b.shape] dy in dy.filled(with: 0, where: mask).summed(to: shape) })
    }

    // MARK: With a number

    public static func + (a: Tensor, b: Double) -> Tensor {
        Tape.record("add", value: Kernels.binary(TAP_ADD, a, b), from: a) { dy in dy }
    }

    public static func - (a: Tensor, b: Double) -> Tensor { a + -b }

    public static func * (a: Tensor, b: Double) -> Tensor {
        Tape.record("multiply", value: Kernels.binary(TAP_MUL, a, b), from: a) { dy in dy * b }
    }

    public static func / (a: Tensor, b: Double) -> Tensor {
        Tape.record("divide", value: Kernels.binary(TAP_DIV, a, b), from: a) { dy in dy / b }
    }

    public static func + (a: Double, b: Tensor) -> Tensor { b + a }
    public static func * (a: Double, b: Tensor) -> Tensor { b * a }
    public static func - (a: Double, b: Tensor) -> Tensor { -b + a }
    public static func / (a: Double, b: Tensor) -> Tensor { b.reciprocal() * a }

    /// Each element to a fixed power.
    public func pow(_ exponent: Double) -> Tensor {
        let base = self
        return Tape.record("pow", value: Kernels.binary(TAP_POW, base, exponent), from: base) { dy in
            dy * (exponent == 0 ? base * 0 : base.pow(exponent - 1) * exponent)
        }
    }

    // MARK: In place

    public static func += (a: inout Tensor, b: Tensor) {
        guard a.shape == b.shape, a.dtype == b.dtype, !a.isRecorded, !b.isRecorded else {
            a = a + b
            return
        }
        a.add(b, times: 1)
    }

    public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
    public static func *= (a: inout Tensor, b: Tensor) { a = a * b }

    /// Adds `factor * other` into this tensor's memory; copies first if the memory is shared. Constants only.
    public mutating func add(_ other: Tensor, times factor: Double) {
        require(shape == other.shape && dtype == other.dtype && dtype.isFloatingPoint, "add(times:)", [self, other],
                "needs equal shapes and floating-point dtypes")
        require(!isRecorded && !other.isRecorded, "add(times:)", [self, other], "is not recorded; use + and *")
        let n = count
        if dtype == .float32 {
            let target = uniqueElements(Float.self)
            Parallel.forRanges(n, grain: Kernels.grain) { range in
                tap_axpy_f32(Float(factor), other.elements() + range.lowerBound, target + range.lowerBound,
                             Int64(range.count))
            }
        } else {
            tap_axpy_f64(factor, other.elements(), uniqueElements(), Int64(n))
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
        let value = rank == 0
            ? Tensor(repeating: item, shape: shape, dtype: dtype)
            : Kernels.binary(TAP_ADD, x, .zeros(shape, dtype: dtype), "broadcast")
        require(value.shape == shape, "broadcast", [self], "does not fill shape \(shape)")
        return Tape.record("broadcast", value: value, from: x) { [shape = x.shape] dy in dy.summed(to: shape) }
    }
}

extension Kernels {
    static func binary(_ op: tap_binary_op, _ a: Tensor, _ b: Tensor, _ name: StaticString) -> Tensor {
        require(a.dtype == b.dtype && a.dtype.isFloatingPoint, name, [a, b], "needs two operands of one floating-point dtype")
        if a.shape == b.shape && a.count <= grain {
            let out = Tensor(uninitialized: a.shape, dtype: a.dtype)
            if a.dtype == .float32 {
                tap_binary_f32(op, a.elements(), 1, b.elements(), 1, out.freshElements(), Int64(a.count))
            } else {
                tap_binary_f64(op, a.elements(), 1, b.elements(), 1, out.freshElements(), Int64(a.count))
            }
            return out
        }
        let plan = Broadcasting(a, b, name)
        let out = Tensor(uninitialized: plan.shape, dtype: a.dtype)
        if a.dtype == .float32 {
            let (x, y, z) = (a.elements(Float.self), b.elements(Float.self), out.freshElements(Float.self))
            plan.forEachRun { i, j, k, sa, sb, n in tap_binary_f32(op, x + i, sa, y + j, sb, z + k, n) }
        } else {
            let (x, y, z) = (a.elements(Double.self), b.elements(Double.self), out.freshElements(Double.self))
            plan.forEachRun { i, j, k, sa, sb, n in tap_binary_f64(op, x + i, sa, y + j, sb, z + k, n) }
        }
        return out
    }

    static func binary(_ op: tap_binary_op, _ a: Tensor, _ b: Double) -> Tensor {
        require(a.dtype.isFloatingPoint, "arithmetic with a number", [a], "needs float32 or float64")
        let out = Tensor(uninitialized: a.shape, dtype: a.dtype)
        if a.dtype == .float32 {
            var number = Float(b)
            let (x, z) = (a.elements(Float.self), out.freshElements(Float.self))
            withUnsafePointer(to: &number) { y in
                Parallel.forRanges(a.count, grain: grain) { range in
                    let first = range.lowerBound
                    tap_binary_f32(op, x + first, 1, y, 0, z + first, Int64(range.count))
                }
            }
        } else {
            var number = b
            let (x, z) = (a.elements(Double.self), out.freshElements(Double.self))
            withUnsafePointer(to: &number) { y in
                Parallel.forRanges(a.count, grain: grain) { range in
                    let first = range.lowerBound
                    tap_binary_f64(op, x + first, 1, y, 0, z + first, Int64(range.count))
                }
            }
        }
        return out
    }
}
