import Autodiff
import Foundation

extension SafetensorsFile: TensorFile {
    /// What the file holds, in the order of the data.
    public var tensors: [TensorEntry] { entries.map(\.tensor) }

    /// A tensor of the file: see ``TensorFile/tensor(_:isExclusive:)``.
    public func tensor(_ name: String, isExclusive: Bool = false) throws -> Tensor {
        guard let entry = self[name] else { throw missingTensor(name) }
        let bytes = UnsafeMutableRawBufferPointer(start: mutablePointer(to: entry), count: entry.byteRange.count)
        return try tensor(entry.tensor, at: bytes, owner: self, isExclusive: isExclusive)
    }
}

extension SafetensorsFile.Entry {
    var tensor: TensorEntry { TensorEntry(name: name, dtype: dtype, shape: shape) }
}

extension SafetensorsType {
    init(_ dtype: DType) {
        self =
            switch dtype {
            case .float32: .float32
            case .float64: .float64
            case .int32: .int32
            case .bool: .bool
            }
    }
}

extension SafetensorsTensor {
    /// A tensor to be written under a name.
    public init(name: String, tensor: Tensor) {
        self.init(name: name, dtype: SafetensorsType(tensor.dtype), shape: tensor.shape) { sink in
            try tensor.withUnsafeBytes(sink)
        }
    }

    /// A tensor to be written with 16 bits a number, each the nearest to the tensor's.
    public init(name: String, float16 tensor: Tensor) {
        self.init(name: name, dtype: .float16, shape: tensor.shape) { sink in
            try tensor.float16Bits.withUnsafeBytes(sink)
        }
    }

    /// A tensor to be written as bfloat16, each number the nearest to the tensor's.
    public init(name: String, bfloat16 tensor: Tensor) {
        self.init(name: name, dtype: .bfloat16, shape: tensor.shape) { sink in
            try tensor.bfloat16Bits.withUnsafeBytes(sink)
        }
    }
}

extension NumpyFile {
    /// Writes a float32, float64 or int32 tensor as a `.npy` file that appears complete or not at all.
    public static func write(_ tensor: Tensor, to url: URL) throws {
        switch tensor.dtype {
        case .float32: try write(tensor.scalars(Float.self), shape: tensor.shape, to: url)
        case .float64: try write(tensor.scalars(Double.self), shape: tensor.shape, to: url)
        case .int32: try write(tensor.scalars(Int32.self), shape: tensor.shape, to: url)
        case .bool: try write(tensor.values.map { Int32($0) }, shape: tensor.shape, to: url)
        }
    }
}
