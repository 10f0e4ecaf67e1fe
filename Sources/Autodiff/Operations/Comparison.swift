import CKernels

infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence
infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence

// Element by element, to bool; they broadcast as arithmetic does. No gradient flows through a comparison.
extension Tensor {
    /// Where `a` is less than `b`: bool, broadcast, a constant. Takes any dtype, the same on both sides; so do the others.
    public static func .< (a: Tensor, b: Tensor) -> Tensor { Kernels.compare(TAP_LT, a, b, ".<") }
    /// Where `a` is at most `b`.
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { Kernels.compare(TAP_LE, a, b, ".<=") }
    /// Where `a` is more than `b`.
    public static func .> (a: Tensor, b: Tensor) -> Tensor { Kernels.compare(TAP_GT, a, b, ".>") }
    /// Where `a` is at least `b`.
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { Kernels.compare(TAP_GE, a, b, ".>=") }
    /// Where `a` equals `b`.
    public static func .== (a: Tensor, b: Tensor) -> Tensor { Kernels.compare(TAP_EQ, a, b, ".==") }
    /// Where `a` differs from `b`.
    public static func .!= (a: Tensor, b: Tensor) -> Tensor { Kernels.compare(TAP_NE, a, b, ".!=") }

    /// Where an element is less than a number.
    public static func .< (a: Tensor, b: Double) -> Tensor { Kernels.compare(TAP_LT, a, b, ".<") }
    /// Where an element is at most a number.
    public static func .<= (a: Tensor, b: Double) -> Tensor { Kernels.compare(TAP_LE, a, b, ".<=") }
    /// Where an element is more than a number.
    public static func .> (a: Tensor, b: Double) -> Tensor { Kernels.compare(TAP_GT, a, b, ".>") }
    /// Where an element is at least a number.
    public static func .>= (a: Tensor, b: Double) -> Tensor { Kernels.compare(TAP_GE, a, b, ".>=") }
    /// Where an element equals a number.
    public static func .== (a: Tensor, b: Double) -> Tensor { Kernels.compare(TAP_EQ, a, b, ".==") }
    /// Where an element differs from a number.
    public static func .!= (a: Tensor, b: Double) -> Tensor { Kernels.compare(TAP_NE, a, b, ".!=") }

    // MARK: Masks

    /// True where the mask is false. Traps for anything but bool.
    public static prefix func ! (mask: Tensor) -> Tensor { logical(mask, mask, "!") { a, _ in !a } }
    /// True where both masks are; bool, broadcast.
    public static func & (a: Tensor, b: Tensor) -> Tensor { logical(a, b, "&") { $0 && $1 } }
    /// True where either mask is; bool, broadcast.
    public static func | (a: Tensor, b: Tensor) -> Tensor { logical(a, b, "|") { $0 || $1 } }

    private static func logical(
        _ a: Tensor, _ b: Tensor, _ name: StaticString, _ combine: (Bool, Bool) -> Bool
    ) -> Tensor {
        require(a.dtype == .bool && b.dtype == .bool, name, [a, b], "needs bool operands")
        let plan = Broadcasting(a, b, name)
        let out = Tensor(uninitialized: plan.shape, dtype: .bool)
        let (x, y, z) = (a.elements(Bool.self), b.elements(Bool.self), out.freshElements(Bool.self))
        plan.forEachRun { i, j, k, sa, sb, n in
            for m in 0..<Int(n) { z[k + m] = combine(x[i + m * Int(sa)], y[j + m * Int(sb)]) }
        }
        return out
    }

    // MARK: Selection

    /// Elements of `a` where the mask is true, of `b` elsewhere, of any dtype. All three shapes are equal, but for a mask
    /// with axes of length one, which stretch.
    public static func select(_ mask: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
        require(
            mask.dtype == .bool && a.dtype == b.dtype && a.shape == b.shape, "select", [mask, a, b],
            "needs a bool mask and two operands of one shape and dtype")
        let value = Kernels.select(mask, a, b, "select")
        require(value.shape == a.shape, "select", [mask, a, b], "the mask is larger than the operands")
        return Tape.record(
            "select", value: value, from: a, b,
            pullbackA: { dy in dy.filled(with: 0, where: !mask) },
            pullbackB: { dy in dy.filled(with: 0, where: mask) })
    }

    /// A number in place of the elements where the mask is true; no gradient flows to those.
    public func filled(with number: Double, where mask: Tensor) -> Tensor {
        require(
            mask.dtype == .bool && dtype.isFloatingPoint, "filled", [self, mask],
            "needs float32 or float64, and a bool mask")
        let value = Kernels.select(mask, Tensor(number, dtype: dtype), self, "filled")
        require(value.shape == shape, "filled", [self, mask], "the mask is larger than the tensor")
        return Tape.record("filled", value: value, from: self) { dy in dy.filled(with: 0, where: mask) }
    }
}

extension Kernels {
    static func compare(_ op: tap_compare_op, _ a: Tensor, _ b: Double, _ name: StaticString) -> Tensor {
        require(a.dtype != .bool, name, [a], "needs numbers")
        // A number that is no whole one has to stay what it is.
        return a.dtype == .int32
            ? compare(op, cast(a, to: .float64), Tensor(b, dtype: .float64), name) : compare(op, a, Tensor(b, dtype: a.dtype), name)
    }

    static func compare(_ op: tap_compare_op, _ a: Tensor, _ b: Tensor, _ name: StaticString) -> Tensor {
        if a.dtype == .int32 && b.dtype == .int32 {
            return compare(op, cast(a, to: .float64), cast(b, to: .float64), name)
        }
        let loops = loops(name, a, b)
        let plan = Broadcasting(a, b, name)
        let out = Tensor(uninitialized: plan.shape, dtype: .bool)
        out.freshElements(Bool.self).withMemoryRebound(to: UInt8.self, capacity: out.count) { z in
            plan.forEachRun { i, j, k, sa, sb, n in loops.compare(op, a.at(i), sa, b.at(j), sb, z + k, n) }
        }
        return out
    }

    /// `b` has the shape of the result or of a part that the mask covers; `a` is a scalar or of the shape of `b`.
    static func select(_ mask: Tensor, _ a: Tensor, _ b: Tensor, _ name: StaticString) -> Tensor {
        let plan = Broadcasting(mask, b, name)
        let out = Tensor(uninitialized: plan.shape, dtype: b.dtype)
        let takesScalar = a.rank == 0, size = Int64(b.dtype.byteCount)
        plan.forEachRun { i, j, k, sm, sb, n in
            let m = UnsafeRawPointer(mask.at(i)).assumingMemoryBound(to: UInt8.self)
            tap_select(size, m, sm, a.at(takesScalar ? 0 : j), takesScalar ? 0 : sb, b.at(j), sb, out.at(k), n)
        }
        return out
    }
}
