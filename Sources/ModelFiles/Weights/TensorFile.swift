import Autodiff
import Foundation
import JSON

/// A tensor in a file.
public struct TensorEntry: Sendable, Equatable {
    /// The tensor's name.
    public let name: String
    /// The type of its elements in the file.
    public let dtype: SafetensorsType
    /// Empty for a scalar.
    public let shape: [Int]

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
}

/// An open file of named tensors.
public protocol TensorFile: AnyObject, Sendable {
    /// The file.
    var url: URL { get }
    /// What the file holds.
    var tensors: [TensorEntry] { get }

    /// A tensor over the file's mapped memory: nothing is read before it is used. 16-bit floats are converted to
    /// float32, integers to int32, and what does not lie there row by row is copied.
    ///
    /// - Parameters:
    ///   - name: The tensor's name in the file.
    ///   - isExclusive: The caller asks for this tensor only once, and updates in place may go to the mapped pages
    ///     (never to the file): so training holds no second copy of the weights.
    /// - Throws: ``ModelFileError`` for a missing name, or a type that no tensor has.
    func tensor(_ name: String, isExclusive: Bool) throws -> Tensor
}

extension TensorFile {
    /// The tensor of an entry, whose bytes lie here.
    func tensor(
        _ entry: TensorEntry, at bytes: UnsafeMutableRawBufferPointer, owner: AnyObject, isExclusive: Bool
    ) throws -> Tensor {
        if let dtype = entry.dtype.tensorType {
            return Tensor(
                sharing: bytes.baseAddress!, shape: entry.shape, dtype: dtype, owner: owner, isExclusive: isExclusive)
        }
        return try withExtendedLifetime(owner) {
            switch entry.dtype {
            case .float16: Tensor(float16: UnsafeRawBufferPointer(bytes), shape: entry.shape)
            case .bfloat16: Tensor(bfloat16: UnsafeRawBufferPointer(bytes), shape: entry.shape)
            case .int64: try integers(Int64.self, entry, bytes)
            case .int16: try integers(Int16.self, entry, bytes)
            case .int8: try integers(Int8.self, entry, bytes)
            case .uint8: try integers(UInt8.self, entry, bytes)
            default: throw unusableType(entry)
            }
        }
    }

    private func integers<Integer: FixedWidthInteger>(
        _ type: Integer.Type, _ entry: TensorEntry, _ bytes: UnsafeMutableRawBufferPointer
    ) throws -> Tensor {
        let numbers = try (0..<entry.count).map { i in
            let number = bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<Integer>.size, as: Integer.self)
            guard let number = Int32(exactly: number) else {
                throw ModelFileError(
                    .unsupported, file: url.path, place: entry.name, problem: "element \(i) is \(number); integers of 32 bits can be used")
            }
            return number
        }
        return Tensor(scalars: numbers, shape: entry.shape)
    }

    func missingTensor(_ name: String) -> ModelFileError {
        ModelFileError(.missing, file: url.path, place: name, problem: "there is no tensor of this name")
    }

    func unusableType(_ entry: TensorEntry) -> ModelFileError {
        ModelFileError(
            .unsupported, file: url.path, place: entry.name,
            problem: "tensors of type \(entry.dtype.rawValue) cannot be used; weights are of F16, BF16, F32 or F64")
    }
}

extension SafetensorsType {
    /// The dtype of tensors that have such elements as they are.
    var tensorType: DType? { DType.allCases.first { SafetensorsType($0) == self } }
}
