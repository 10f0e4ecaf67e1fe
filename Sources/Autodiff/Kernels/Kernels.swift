import CKernels

/// The numerical loops behind the operations, spread over threads. Arguments were checked by the operation; results are
/// constants.
enum Kernels {
    /// Elements below which a second thread costs more than it gives.
    static let grain = 16_384

    /// The loops for the dtype that the operands share: the one place where a dtype decides what computes.
    ///
    /// Traps by the operation's name where the dtypes differ, or where nothing is computed in them.
    @inline(__always)
    @discardableResult
    static func loops(_ name: StaticString, _ a: Tensor, _ b: Tensor? = nil, _ c: Tensor? = nil) -> tap_kernels {
        func operands() -> [Tensor] { [a, b, c].compactMap { $0 } }
        guard let loops = a.dtype.kernels else { shapeError(name, operands(), "needs float32 or float64") }
        require((b?.dtype ?? a.dtype) == a.dtype && (c?.dtype ?? a.dtype) == a.dtype, name, operands(), "dtypes differ")
        return loops.pointee
    }

    static func unary(_ op: tap_unary_op, _ x: Tensor, _ name: StaticString) -> Tensor {
        let loops = loops(name, x)
        let out = Tensor(uninitialized: x.shape, dtype: x.dtype)
        Parallel.forRanges(x.count, grain: grain / 4) { range in
            loops.unary(op, x.at(range.lowerBound), out.at(range.lowerBound), Int64(range.count))
        }
        return out
    }

    static func geluBackward(tanhForm: Bool, _ x: Tensor, _ dy: Tensor) -> Tensor {
        let loops = loops("gelu", x, dy)
        let out = Tensor(uninitialized: x.shape, dtype: x.dtype)
        Parallel.forRanges(x.count, grain: grain / 4) { range in
            let first = range.lowerBound
            loops.gelu_backward(tanhForm, x.at(first), dy.at(first), out.at(first), Int64(range.count))
        }
        return out
    }

    static func sumOfSquares(_ x: Tensor) -> Double {
        let loops = loops("sumOfSquares", x)
        // Blocks of fixed length, so that the order of summation does not depend on the number of threads.
        let block = 1 << 16
        let blocks = (x.count + block - 1) / block
        guard blocks > 1 else { return loops.sum_of_squares(x.bytes, Int64(x.count)) }
        var partial = [Double](repeating: 0, count: blocks)
        partial.withUnsafeMutableBufferPointer { partial in
            let results = partial.baseAddress!
            Parallel.forEach(blocks) { i in
                results[i] = loops.sum_of_squares(x.at(i * block), Int64(min(x.count - i * block, block)))
            }
        }
        return partial.reduce(0, +)
    }

    static func cast(_ x: Tensor, to dtype: DType) -> Tensor {
        switch (x.dtype, dtype) {
        case (.float32, .float64):
            let out = Tensor(uninitialized: x.shape, dtype: dtype)
            tap_f32_to_f64(x.elements(), out.freshElements(), Int64(x.count))
            return out
        case (.float64, .float32):
            let out = Tensor(uninitialized: x.shape, dtype: dtype)
            tap_f64_to_f32(x.elements(), out.freshElements(), Int64(x.count))
            return out
        default:
            return Tensor(x.values, shape: x.shape, dtype: dtype)
        }
    }
}
