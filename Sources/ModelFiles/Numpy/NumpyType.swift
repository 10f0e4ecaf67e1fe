/// The element types of `.npy` files that are read and written here.
public enum NumpyType: String, Sendable, CaseIterable, ElementType {
    /// Floats of 64 bits.
    case float64 = "<f8"
    /// Floats of 32 bits.
    case float32 = "<f4"
    /// Whole numbers of 64 bits.
    case int64 = "<i8"
    /// Whole numbers of 32 bits.
    case int32 = "<i4"

    /// Bytes per element.
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        }
    }
}

/// A Swift type that has a `.npy` type of the same layout.
public protocol NumpyScalar: BitwiseCopyable, Sendable {
    /// What `.npy` files call the type.
    static var numpyType: NumpyType { get }
}

extension Double: NumpyScalar { public static var numpyType: NumpyType { .float64 } }
extension Float: NumpyScalar { public static var numpyType: NumpyType { .float32 } }
extension Int64: NumpyScalar { public static var numpyType: NumpyType { .int64 } }
extension Int32: NumpyScalar { public static var numpyType: NumpyType { .int32 } }
