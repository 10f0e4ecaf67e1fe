extension Tensor: CustomStringConvertible {
    /// The values with four decimals, nested by axes: `[[1.0000, 2.0000], [3.0000, 4.0000]]`. Long axes are cut.
    public var description: String {
        let all = values
        return Tensor.describe(shape[...], dtype: dtype) { all[$0] }
    }

    private static let longestAxisShown = 12

    private static func describe(
        _ shape: ArraySlice<Int>, dtype: DType, from first: Int = 0,
        value: (Int) -> Double
    ) -> String {
        guard let length = shape.first else { return format(value(first), dtype: dtype) }
        let inner = shape.dropFirst()
        let stride = inner.reduce(1, *)
        let shown = length <= longestAxisShown ? Array(0..<length) : Array(0..<4) + Array(length - 2..<length)
        var parts = shown.map { describe(inner, dtype: dtype, from: first + $0 * stride, value: value) }
        if shown.count < length { parts.insert("…", at: 4) }
        return "[" + parts.joined(separator: ", ") + "]"
    }

    private static func format(_ value: Double, dtype: DType) -> String {
        switch dtype {
        case .bool: return value != 0 ? "true" : "false"
        case .int32: return String(Int(value))
        case .float32, .float64:
            guard value.isFinite else { return "\(value)" }
            let scaled = (Swift.abs(value) * 10_000).rounded()
            guard scaled < 1e15, scaled > 0 || value == 0 else { return "\(value)" }
            let digits = String(Int(scaled))
            let padded = String(repeating: "0", count: Swift.max(0, 5 - digits.count)) + digits
            return (value < 0 ? "-" : "") + padded.dropLast(4) + "." + padded.suffix(4)
        }
    }
}
