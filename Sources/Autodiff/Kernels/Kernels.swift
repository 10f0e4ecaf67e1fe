import CKernels

/// The numerical loops behind the operations: they choose the C kernel for a dtype and spread it over threads.
/// Arguments were checked by the operation; results are constants.
enum Kernels {
    /// Elements below which a second thread costs more than it gives.
    static let grain = 16_384

    static func unary(_ op: tap_unary_op, _ x: Tensor) -> Tensor {
        let out = Tensor(uninitialized: x.shape, dtype: x.dtype)
        switch x.dtype {
        case .float32:
            let (source, target) = (x.elements(Float.self), out.freshElements(Float.self))
            Parallel.forRanges(x.count, grain: grain / 4) { range in
                tap_unary_f32(op, source + range.lowerBound, target + range.lowerBound, Int64(range.count))
            }
        case .float64:
            let (source, target) = (x.elements(Double.self), out.freshElements(Double.self))
            Parallel.forRanges(x.count, grain: grain / 4) { range in
                tap_unary_f64(op, source + range.lowerBound, target + range.lowerBound, Int64(range.count))
            }
        case .int32, .bool:
            shapeError("unary", [x], "needs float32 or float64")
        }
        return out
    }

    static func geluBackward(tanhForm: Bool, _ x: Tensor, _ dy: Tensor) -> Tensor {
        let out = Tensor(uninitialized: x.shape, dtype: x.dtype)
        Parallel.forRanges(x.count, grain: grain / 4) { range in
            let (first, n) = (range.lowerBound, Int64(range.count))
            if x.dtype == .float32 {
                tap_gelu_backward_f32(tanhForm, x.elements() + first, dy.elements() + first,
                                      out.freshElements() + first, n)
            } else {
                tap_gelu_backward_f64(tanhForm, x.elements() + first, dy.elements() + first,
                                      out.freshElements() + first, n)
            }
        }
        return out
    }

    static func allFinite(_ x: Tensor) -> Bool {
        x.dtype == .float32
            ? tap_all_finite_f32(x.elements(), Int64(x.count)) : tap_all_finite_f64(x.elements(), Int64(x.count))
    }

    static func sumOfSquares(_ x: Tensor) -> Double {
        // Blocks of fixed length, so that the order of summation does not depend on the number of threads.
        let block = 1 << 16
        let blocks = (x.count + block - 1) / block
        guard blocks > 1 else { return sumOfSquares(x, 0..<x.count) }
        var partial = [Double](repeating: 0, count: blocks)
        partial.withUnsafeMutableBufferPointer { partial in
            let results = partial.baseAddress!
            Parallel.forEach(blocks) { i in
                results[i] = sumOfSquares(x, i * block..<min(x.count, (i + 1) * block))
            }
        }
        return partial.reduce(0, +)
    }

    private static func sumOfSquares(_ x: Tensor, _ range: Range<Int>) -> Double {
        x.dtype == .float32
            ? tap_sum_of_squares_f32(x.elements() + range.lowerBound, Int64(range.count))
            : tap_sum_of_squares_f64(x.elements() + range.lowerBound, Int64(range.count))
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
