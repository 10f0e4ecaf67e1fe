import CKernels

/// The seed of a stream of random numbers, as a value.
///
/// Numbers come from the counter-based generator Philox4x32-10 (Salmon et al. 2011): a draw is a function of the
/// key and of its own position, not of what was drawn before. So dropout masks can be computed again instead of
/// stored, and a run that is resumed draws what it would have drawn.
///
/// ```swift
/// let key = RandomKey(42)
/// let weights = Tensor.normal([3, 4], key: key.folded(with: 0))
/// let others = Tensor.normal([3, 4], key: key.folded(with: 1))
/// ```
public struct RandomKey: Sendable, Hashable {
    /// All that draws depend on.
    public let bits: UInt64

    /// The key of a seed.
    public init(_ seed: UInt64) { bits = seed }

    /// An independent key for each number: a step, a layer, a parameter.
    public func folded(with number: UInt64) -> RandomKey {
        let words = philox(UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32), 0, 0x7461_7065)
        return RandomKey(UInt64(words.0) | UInt64(words.1) << 32)
    }

    /// Four random words for a counter of four.
    func philox(_ c0: UInt32, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32) -> (UInt32, UInt32, UInt32, UInt32) {
        var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { bytes in
            tap_philox(bits, c0, c1, c2, c3, bytes.bindMemory(to: UInt32.self).baseAddress)
        }
        return words
    }

    /// Words number `0 ..< count` of this key.
    func words(_ count: Int) -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
            tap_philox_fill(bits, 0, 0, 0, buffer.baseAddress, Int64(count))
            initialized = count
        }
    }
}

extension Tensor {
    /// Independent draws from a normal distribution; the same key gives the same tensor.
    public static func normal(
        _ shape: [Int], mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32, key: RandomKey
    ) -> Tensor {
        let count = shape.product
        require(dtype.isFloatingPoint, "normal", [], "gives float32 or float64, not \(dtype)")
        let words = key.words(2 * ((count + 1) / 2))
        var values: [Double] = []
        values.reserveCapacity(count + 1)
        for i in stride(from: 0, to: words.count, by: 2) {
            // Box and Muller 1958; the first uniform is never zero.
            let radius = (-2 * logarithm((Double(words[i]) + 1) / 4_294_967_296)).squareRoot()
            let angle = 2 * Double.pi * Double(words[i + 1]) / 4_294_967_296
            values.append(mean + standardDeviation * radius * cosine(angle))
            values.append(mean + standardDeviation * radius * sine(angle))
        }
        return Tensor(Array(values.prefix(count)), shape: shape, dtype: dtype)
    }

    /// Independent draws from `lowest ..< highest`, uniform.
    public static func uniform(
        _ shape: [Int], from lowest: Double = 0, to highest: Double = 1, dtype: DType = .float32, key: RandomKey
    ) -> Tensor {
        require(dtype.isFloatingPoint, "uniform", [], "gives float32 or float64, not \(dtype)")
        let values = key.words(shape.product).map { lowest + (highest - lowest) * Double($0) / 4_294_967_296 }
        return Tensor(values, shape: shape, dtype: dtype)
    }

    /// Uniform draws, a row for each address: a sample gets the same in any batch.
    ///
    /// - Parameters:
    ///   - rows: The sample and position of each of the N rows.
    ///   - width: D.
    ///   - lowest: The least value.
    ///   - highest: Above all values.
    ///   - dtype: float32 or float64.
    ///   - key: Of the pass.
    ///   - site: The place in the model.
    /// - Returns: `[N, D]`.
    public static func uniform(
        at rows: RowAddresses, width: Int, from lowest: Double, to highest: Double, dtype: DType, key: RandomKey, site: UInt32
    ) -> Tensor {
        require(dtype.isFloatingPoint, "uniform(at:)", [], "gives float32 or float64, not \(dtype)")
        let drawn = Parallel.map(Array(zip(rows.samples, rows.positions))) { sample, position in
            var words = [UInt32](repeating: 0, count: width)
            tap_philox_fill(key.bits, position, sample, site, &words, Int64(width))
            return words.map { lowest + (highest - lowest) * Double($0) / 4_294_967_296 }
        }
        return Tensor(drawn.flatMap { $0 }, shape: [rows.samples.count, width], dtype: dtype)
    }
}
