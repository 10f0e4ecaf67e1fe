/// The element types of a safetensors file that are read and written here.
public enum SafetensorsType: String, Sendable, CaseIterable, ElementType {
    /// Floats of 64 bits.
    case float64 = "F64"
    /// Floats of 32 bits.
    case float32 = "F32"
    /// IEEE floats of 16 bits.
    case float16 = "F16"
    /// The upper 16 bits of a float of 32.
    case bfloat16 = "BF16"
    /// Whole numbers of 64 bits.
    case int64 = "I64"
    /// Whole numbers of 32 bits.
    case int32 = "I32"
    /// Whole numbers of 16 bits.
    case int16 = "I16"
    /// Whole numbers of 8 bits.
    case int8 = "I8"
    /// Bytes.
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
    /// What safetensors files call the type.
    static var safetensorsType: SafetensorsType { get }
}

extension Double: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .float64 } }
extension Float: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .float32 } }
extension Int64: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .int64 } }
extension Int32: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .int32 } }
extension Int16: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .int16 } }
extension Int8: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .int8 } }
extension UInt8: SafetensorsScalar { public static var safetensorsType: SafetensorsType { .uint8 } }
