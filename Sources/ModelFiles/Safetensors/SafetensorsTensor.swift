/// A tensor to be written to a safetensors file.
public struct SafetensorsTensor {
    /// The tensor's name.
    public let name: String
    /// The type that its elements get in the file.
    public let dtype: SafetensorsType
    /// Its shape.
    public let shape: [Int]
    /// Hands the row-major, little-endian elements to its argument, in one piece or in several. It is called
    /// once, when the tensor's turn has come, so large weights never have to be in memory twice.
    public let withBytes: (_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

    /// A tensor whose bytes are handed over when they are written.
    public init(
        name: String, dtype: SafetensorsType, shape: [Int],
        withBytes: @escaping (_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.withBytes = withBytes
    }

    /// A tensor of elements in memory, in row-major order.
    public init<Scalar: SafetensorsScalar>(name: String, shape: [Int], values: [Scalar]) {
        self.init(name: name, dtype: Scalar.safetensorsType, shape: shape) { sink in
            try values.withUnsafeBytes { try sink($0) }
        }
    }
}
