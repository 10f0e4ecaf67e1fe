/// The element types of `.npy` files that are read and written here.
public enum NumpyType: String, Sendable, CaseIterable, ElementType {
    case float64 = "<f8"
    case float32 = "<f4"
    case int64 = "<i8"
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
    static var numpyType: NumpyType { get }
}

extension Double: NumpyScalar { public static var numpyType: NumpyType { .float64 } }
extension Float: NumpyScalar { public static var numpyType: NumpyType { .float32 } }
extension Int64: NumpyScalar { public static var numpyType: NumpyType { .int64 } }
extension Int32: NumpyScalar { public static var numpyType: NumpyType { .int32 } }
