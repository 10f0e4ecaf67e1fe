extension Tensor {
    /// The elements in row-major order. `Scalar` must be the type of this tensor's dtype.
    public func scalars<Scalar: TensorElement>(_ type: Scalar.Type = Scalar.self) -> [Scalar] {
        require(Scalar.dtype == dtype, "scalars", [self], "asked for elements of type \(Scalar.dtype)")
        return withExtendedLifetime(self) { Array(UnsafeBufferPointer(start: elements(Scalar.self), count: count)) }
    }

    /// The elements in row-major order as doubles, whatever the dtype; booleans are 0 and 1.
    public var values: [Double] {
        switch dtype {
        case .float32: scalars(Float.self).map(Double.init)
        case .float64: scalars(Double.self)
        case .int32: scalars(Int32.self).map(Double.init)
        case .bool: scalars(Bool.self).map { $0 ? 1 : 0 }
        }
    }

    /// The elements of an int32 tensor.
    public var indices: [Int] { scalars(Int32.self).map(Int.init) }

    /// The one element of a tensor that holds just one.
    public var item: Double {
        require(count == 1, "item", [self], "needs exactly one element")
        return values[0]
    }

    /// Rows of a matrix as Swift arrays of doubles.
    public var rows: [[Double]] {
        require(rank == 2, "rows", [self], "needs two axes")
        let all = values
        return (0..<shape[0]).map { Array(all[$0 * shape[1]..<($0 + 1) * shape[1]]) }
    }

    /// Whether no element is NaN or infinite.
    public var isFinite: Bool { firstNonFiniteIndex == nil }

    /// Largest absolute difference to `other`, of the same shape; NaN where one is.
    public func maximumDifference(to other: Tensor) -> Double {
        require(shape == other.shape, "maximumDifference", [self, other], "shapes differ")
        return zip(values, other.values).reduce(0) { largest, pair in
            let difference = pair.0 == pair.1 ? 0 : Swift.abs(pair.0 - pair.1)
            return difference.isNaN ? .nan : Swift.max(largest, difference)
        }
    }

    /// Whether no element is NaN or plus infinity.
    var isFiniteOrMinusInfinity: Bool { values.allSatisfy { $0 < .infinity } }

    /// Position of the first NaN or infinite element in row-major order.
    var firstNonFiniteIndex: Int? {
        guard let kernels = dtype.kernels, !kernels.pointee.all_finite(bytes, Int64(count)) else { return nil }
        return values.firstIndex { !$0.isFinite }
    }
}

extension Tensor: Equatable {
    /// Same shape, same dtype, same values; NaN equals nothing.
    public static func == (a: Tensor, b: Tensor) -> Bool {
        a.shape == b.shape && a.dtype == b.dtype && a.values == b.values
    }
}
