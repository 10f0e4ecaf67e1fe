import CKernels

/// The type of a tensor's elements.
public enum DType: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Numbers of 32 and 64 bits, whole numbers of 32 bits, and truth values.
    case float32, float64, int32, bool

    /// Size of one element in bytes.
    public var byteCount: Int {
        switch self {
        case .float32, .int32: 4
        case .float64: 8
        case .bool: 1
        }
    }

    /// Whether derivatives with respect to elements of this type make sense.
    public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

    public var description: String { rawValue }

    /// The loops over numbers of this type; none for types that nothing is computed in.
    var kernels: UnsafePointer<tap_kernels>? {
        switch self {
        case .float32: tap_kernels_f32()
        case .float64: tap_kernels_f64()
        case .int32, .bool: nil
        }
    }
}

/// A Swift type whose values tensors hold: `Float`, `Double`, `Int32`, `Bool`.
public protocol TensorElement: Sendable {
    /// The dtype of tensors of such elements.
    static var dtype: DType { get }
}

extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }
