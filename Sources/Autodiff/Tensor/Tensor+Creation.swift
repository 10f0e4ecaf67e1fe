import CKernels
import Requirements

extension Tensor {
    /// A scalar.
    public init(_ value: Double, dtype: DType = .float32) {
        self.init(repeating: value, shape: [], dtype: dtype)
    }

    /// A tensor of one axis.
    public init(_ values: [Double], dtype: DType = .float32) {
        self.init(values, shape: [values.count], dtype: dtype)
    }

    /// A tensor of two axes. Rows must have equal lengths.
    public init(_ rows: [[Double]], dtype: DType = .float32) {
        let width = rows.first?.count ?? 0
        require(rows.allSatisfy { $0.count == width }, "Tensor: rows of different lengths")
        self.init(rows.flatMap { $0 }, shape: [rows.count, width], dtype: dtype)
    }

    /// Values in row-major order, converted to `dtype`.
    public init(_ values: [Double], shape: [Int], dtype: DType = .float32) {
        require(values.count == shape.product, "Tensor: \(values.count) values do not fill shape \(shape)")
        self.init(uninitialized: shape, dtype: dtype)
        switch dtype {
        case .float64: freshElements(Double.self).update(from: values, count: values.count)
        case .float32: tap_f64_to_f32(values, freshElements(), Int64(values.count))
        case .int32:
            let out = freshElements(Int32.self)
            for (i, value) in values.enumerated() {
                guard value > -2_147_483_649, value < 2_147_483_648 else { refuse("Tensor: \(value) is no int32") }
                out[i] = Int32(value)
            }
        case .bool:
            let out = freshElements(Bool.self)
            for (i, value) in values.enumerated() { out[i] = value != 0 }
        }
    }

    /// Scalars of a Swift type in row-major order; the dtype follows the type.
    public init<Scalar: TensorElement>(scalars: [Scalar], shape: [Int]) {
        require(scalars.count == shape.product, "Tensor: \(scalars.count) scalars do not fill shape \(shape)")
        self.init(uninitialized: shape, dtype: Scalar.dtype)
        scalars.withUnsafeBytes { source in
            if let start = source.baseAddress { bytes.copyMemory(from: start, byteCount: source.count) }
        }
    }

    /// Whole numbers as an int32 tensor of one axis: row numbers, labels.
    public init(indices: [Int]) {
        self.init(scalars: indices.map { Int32($0) }, shape: [indices.count])
    }

    /// The same value everywhere.
    public init(repeating value: Double, shape: [Int], dtype: DType = .float32) {
        self.init(uninitialized: shape, dtype: dtype)
        switch dtype {
        case .float32, .float64: dtype.kernels!.pointee.fill(value, bytes, Int64(count))
        case .int32: freshElements(Int32.self).update(repeating: Int32(value), count: count)
        case .bool: freshElements(Bool.self).update(repeating: value != 0, count: count)
        }
    }

    /// Zeros, or false.
    public static func zeros(_ shape: [Int], dtype: DType = .float32) -> Tensor {
        Tensor(repeating: 0, shape: shape, dtype: dtype)
    }

    /// Ones, or true.
    public static func ones(_ shape: [Int], dtype: DType = .float32) -> Tensor {
        Tensor(repeating: 1, shape: shape, dtype: dtype)
    }

    /// `[n, n]`, bool: true on the diagonal.
    public static func identityMask(_ n: Int) -> Tensor {
        let mask = Tensor(repeating: 0, shape: [n, n], dtype: .bool)
        let out = mask.freshElements(Bool.self)
        for i in 0..<n { out[i * n + i] = true }
        return mask
    }

    /// Float32 values decoded from IEEE half precision (16 bits).
    public init(float16Bits bits: [UInt16], shape: [Int]) {
        self = bits.withUnsafeBytes { Tensor(float16: $0, shape: shape) }
    }

    /// Float32 values decoded from bfloat16.
    public init(bfloat16Bits bits: [UInt16], shape: [Int]) {
        self = bits.withUnsafeBytes { Tensor(bfloat16: $0, shape: shape) }
    }

    /// Float32 values decoded from IEEE half precision where they lie.
    public init(float16 bytes: UnsafeRawBufferPointer, shape: [Int]) {
        self.init(decoding: bytes, shape: shape, by: tap_f16_to_f32)
    }

    /// Float32 values decoded from bfloat16 where they lie.
    public init(bfloat16 bytes: UnsafeRawBufferPointer, shape: [Int]) {
        self.init(decoding: bytes, shape: shape, by: tap_bf16_to_f32)
    }

    private typealias Decoder = (UnsafePointer<UInt16>?, UnsafeMutablePointer<Float>?, Int64) -> Void

    private init(decoding bytes: UnsafeRawBufferPointer, shape: [Int], by decode: Decoder) {
        require(bytes.count == 2 * shape.product, "Tensor: \(bytes.count / 2) values do not fill shape \(shape)")
        self.init(uninitialized: shape, dtype: .float32)
        guard Int(bitPattern: bytes.baseAddress) % 2 != 0 else {
            decode(bytes.baseAddress?.assumingMemoryBound(to: UInt16.self), freshElements(), Int64(count))
            return
        }
        let aligned = [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            initialized = count
        }
        decode(aligned, freshElements(), Int64(count))
    }

    /// The values in IEEE half precision (16 bits), each the nearest to one of this tensor's.
    public var float16Bits: [UInt16] { bits(by: tap_f32_to_f16) }

    /// The values in bfloat16, each the nearest to one of this tensor's.
    public var bfloat16Bits: [UInt16] { bits(by: tap_f32_to_bf16) }

    private func bits(by encode: (UnsafePointer<Float>?, UnsafeMutablePointer<UInt16>?, Int64) -> Void) -> [UInt16] {
        let values = cast(to: .float32)
        return [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let out = buffer.baseAddress { encode(values.elements(Float.self), out, Int64(count)) }
            initialized = count
        }
    }
}
