/// The element types of a safetensors file that are read and written here.
public enum SafetensorsType: String, Sendable, CaseIterable, ElementType {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint8 = "U8"
    /// One byte per element, 0 or 1.
    case bool = "BOOL"

    /// Bytes per element.
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }
}

/// A Swift type that has a safetensors type of the same layout.
public protocol SafetensorsScalar: BitwiseCopyable, Sendable {
    static var safetensorsType: SafetensorsType { get }
}

extension Double: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .float64 } }
extension Float: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .float32 } }
extension Int64: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .int64 } }
extension Int32: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .int32 } }
extension Int16: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .int16 } }
extension Int8: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .int8 } }
extension UInt8: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .uint8 } }
