import CKernels

// Along one axis, several axes, or all of them. Negative axes count from the end; `keepingAxis` leaves an axis
// of length one behind, so that the result broadcasts against the operand.
extension Tensor {
    // MARK: Sums and means

    /// The sum of all elements, a scalar. Reductions trap for int32 and bool.
    public func sum() -> Tensor { reshaped([count]).sum(alongAxis: 0) }

    /// Sums along an axis, which is gone from the result or has length one there. Traps for an axis that does not exist.
    public func sum(alongAxis axis: Int, keepingAxis: Bool = false) -> Tensor {
        let x = self
        let view = AxisView(x, axis: axis, "sum")
        let value = Kernels.reduce(x, view, keepingAxis, "sum") { $0.sum }
        return Tape.record("sum", value: value, from: x) { [shape = x.shape] dy in
            dy.reshaped(view.keptShape).broadcast(to: shape)
        }
    }

    /// Sums along several axes.
    public func sum(alongAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        reduced(alongAxes: axes, keepingAxes, "sum") { $0.sum(alongAxis: $1, keepingAxis: $2) }
    }

    /// The mean of all elements, a scalar.
    public func mean() -> Tensor { reshaped([count]).mean(alongAxis: 0) }

    /// Means along an axis.
    public func mean(alongAxis axis: Int, keepingAxis: Bool = false) -> Tensor {
        Kernels.loops("mean", self)
        return sum(alongAxis: axis, keepingAxis: keepingAxis) / Double(length(ofAxis: axis))
    }

    /// Means along several axes.
    public func mean(alongAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        Kernels.loops("mean", self)
        let total = axes.reduce(1) { $0 * length(ofAxis: $1) }
        return sum(alongAxes: axes, keepingAxes: keepingAxes) / Double(total)
    }

    // MARK: Extremes

    /// The largest element. Of several equal ones, the first gets the gradient; so it is for all extremes.
    public func max() -> Tensor { reshaped([count]).max(alongAxis: 0) }
    /// The smallest element.
    public func min() -> Tensor { reshaped([count]).min(alongAxis: 0) }

    /// The largest elements along an axis. Traps for an empty axis.
    public func max(alongAxis axis: Int, keepingAxis: Bool = false) -> Tensor {
        extreme("max", axis, keepingAxis) { $0.max }.value
    }

    /// The smallest elements along an axis. Traps for an empty axis.
    public func min(alongAxis axis: Int, keepingAxis: Bool = false) -> Tensor {
        extreme("min", axis, keepingAxis) { $0.min }.value
    }

    /// The largest elements along several axes.
    public func max(alongAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        reduced(alongAxes: axes, keepingAxes, "max") { $0.max(alongAxis: $1, keepingAxis: $2) }
    }

    /// The smallest elements along several axes.
    public func min(alongAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        reduced(alongAxes: axes, keepingAxes, "min") { $0.min(alongAxis: $1, keepingAxis: $2) }
    }

    /// Position of the first largest element along an axis, int32. Constant.
    public func argmax(alongAxis axis: Int = -1) -> Tensor {
        detached().extreme("argmax", axis, false) { $0.max }.index
    }

    /// Position of the first smallest element along an axis, int32. Constant.
    public func argmin(alongAxis axis: Int = -1) -> Tensor {
        detached().extreme("argmin", axis, false) { $0.min }.index
    }

    private func extreme(
        _ name: StaticString, _ axis: Int, _ keepingAxis: Bool, _ reduction: (tap_kernels) -> Kernels.IndexedReduction
    ) -> (value: Tensor, index: Tensor) {
        let x = self
        let reduction = reduction(Kernels.loops(name, x))
        let view = AxisView(x, axis: axis, name)
        let shape = keepingAxis ? view.keptShape : view.droppedShape
        require(view.length > 0, name, [x], "axis \(axis) is empty")
        let index = Tensor(uninitialized: shape, dtype: .int32)
        let value = Tensor(uninitialized: shape, dtype: dtype)
        reduction(x.bytes, value.bytes, index.freshElements(), Int64(view.outer), Int64(view.length), Int64(view.inner))
        let recorded = Tape.record(name, value: value, from: x) { dy in
            dy.reshaped(view.keptShape).placed(
                at: index.reshaped(view.keptShape), alongAxis: view.axis, length: view.length)
        }
        return (recorded, index)
    }

    // MARK: Log-sum-exp and norms

    /// ln Σ eˣ along an axis, shifted by the maximum: no overflow. Minus infinity where all elements are.
    public func logSumExp(alongAxis axis: Int = -1, keepingAxis: Bool = false) -> Tensor {
        let x = self
        let view = AxisView(x, axis: axis, "logSumExp")
        let value = Kernels.reduce(x, view, keepingAxis, "logSumExp") { $0.logsumexp }
        return Tape.record("logSumExp", value: value, from: x) { y, dy in
            let lse = y.reshaped(view.keptShape)
            // A row without any finite element has no derivative to give: e^(−∞ − 0) is its zero.
            let shift = lse.filled(with: 0, where: lse.detached() .== -.infinity)
            return dy.reshaped(view.keptShape) * (x - shift).exp()
        }
    }

    /// The same along several axes.
    public func logSumExp(alongAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        reduced(alongAxes: axes, keepingAxes, "logSumExp") { $0.logSumExp(alongAxis: $1, keepingAxis: $2) }
    }

    /// Euclidean length along an axis. The gradient of a zero vector is zero.
    public func norm(alongAxis axis: Int = -1, keepingAxis: Bool = false) -> Tensor {
        norm(alongAxes: [axis], keepingAxes: keepingAxis)
    }

    /// Euclidean length over several axes. The gradient of a zero vector is zero.
    public func norm(alongAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        Kernels.loops("norm", self)
        let squares = square().sum(alongAxes: axes, keepingAxes: keepingAxes)
        let isZero = squares.detached() .== 0
        // The root of one in place of the root of zero, whose derivative is infinite; then zero again.
        return squares.filled(with: 1, where: isZero).sqrt().filled(with: 0, where: isZero)
    }

    /// Sum of absolute values along an axis.
    public func l1Norm(alongAxis axis: Int = -1, keepingAxis: Bool = false) -> Tensor {
        Kernels.loops("l1Norm", self)
        return abs().sum(alongAxis: axis, keepingAxis: keepingAxis)
    }

    private func reduced(
        alongAxes axes: [Int], _ keepingAxes: Bool, _ name: StaticString,
        _ reduce: (Tensor, Int, Bool) -> Tensor
    ) -> Tensor {
        Kernels.loops(name, self)
        // From the last axis to the first, so that the numbers of those to come stay valid.
        return normalized(axes: axes, name).reversed().reduce(self) { reduce($0, $1, keepingAxes) }
    }
}

/// A tensor seen as `[outer, length, inner]` around one of its axes.
struct AxisView {
    let axis: Int
    let outer: Int
    let length: Int
    let inner: Int
    /// The shape with the axis left out, and with length one in its place.
    let droppedShape: [Int]
    let keptShape: [Int]

    init(_ x: Tensor, axis: Int, _ operation: StaticString) {
        let axis = x.normalized(axis: axis, operation)
        self.axis = axis
        outer = x.shape[..<axis].reduce(1, *)
        length = x.shape[axis]
        inner = x.shape[(axis + 1)...].reduce(1, *)
        var shape = x.shape
        shape[axis] = 1
        keptShape = shape
        shape.remove(at: axis)
        droppedShape = shape
    }
}

extension Kernels {
    typealias Reduction = @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?, Int64, Int64, Int64) -> Void
    typealias IndexedReduction =
        @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?, Int64, Int64, Int64) -> Void

    static func reduce(
        _ x: Tensor, _ view: AxisView, _ keepingAxis: Bool, _ name: StaticString, _ reduction: (tap_kernels) -> Reduction
    ) -> Tensor {
        let reduction = reduction(loops(name, x))
        let out = Tensor(uninitialized: keepingAxis ? view.keptShape : view.droppedShape, dtype: x.dtype)
        let (n, inner) = (view.length, view.inner)
        Parallel.forRanges(view.outer, grain: Swift.max(64, grain / Swift.max(1, n * inner))) { range in
            let row = range.lowerBound * inner
            reduction(x.at(row * n), out.at(row), Int64(range.count), Int64(n), Int64(inner))
        }
        return out
    }
}
