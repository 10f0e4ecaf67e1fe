import Autodiff
import Foundation

extension SafetensorsFile {
    /// A tensor over the file's mapped memory: nothing is read before it is used. 16-bit floats are converted to
    /// float32.
    ///
    /// - Parameters:
    ///   - name: The tensor's name in the file.
    ///   - isExclusive: The caller asks for this tensor only once, and updates in place may go to the mapped pages
    ///     (never to the file): so training holds no second copy of the weights.
    /// - Throws: ``ModelFileError`` for a missing name, or a type that no tensor has.
    public func tensor(_ name: String, isExclusive: Bool = false) throws -> Tensor {
        guard let entry = self[name] else {
            throw ModelFileError(.missing, file: url.path, place: name, problem: "there is no tensor of this name")
        }
        if let dtype = DType.allCases.first(where: { SafetensorsType($0) == entry.dtype }) {
            return Tensor(
                sharing: mutablePointer(to: entry), shape: entry.shape, dtype: dtype, owner: self,
                isExclusive: isExclusive)
        }
        switch entry.dtype {
        case .float16: return Tensor(float16Bits: bits(of: entry), shape: entry.shape)
        case .bfloat16: return Tensor(bfloat16Bits: bits(of: entry), shape: entry.shape)
        default: throw unusableType(entry)
        }
    }

    func unusableType(_ entry: Entry) -> ModelFileError {
        ModelFileError(
            .unsupported, file: url.path, place: entry.name,
            problem: "weights of type \(entry.dtype.rawValue) cannot be used; F16, BF16, F32 and F64 can")
    }

    private func bits(of entry: Entry) -> [UInt16] { withUnsafeBytes(of: entry) { [UInt16](copying: $0) } }
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
