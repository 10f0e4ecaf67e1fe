/// The first operation that produced a NaN or an infinity while a tape was looking for one.
public struct Anomaly: Error, CustomStringConvertible, Sendable {
    /// Which pass found the value.
    public enum Direction: String, Sendable {
        /// The value of an operation, or the cotangent of its operands.
        case forward, backward
    }

    /// Name of the operation.
    public let operation: String
    /// Whether its value or its derivative is not finite.
    public let direction: Direction
    /// Shape of the value or cotangent.
    public let shape: [Int]
    /// Row-major position of the first element that is not finite.
    public let index: Int
    /// That element.
    public let value: Double
    /// Function and line that called the operation, where the program has the information.
    public let caller: String?

    /// Position along the first axis: the sample for `[B, D]`, the token for `[T, H]`.
    public var row: Int { shape.isEmpty ? 0 : index / max(1, shape.dropFirst().reduce(1, *)) }

    public var description: String {
        let place = caller.map { ", called by \($0)" } ?? ""
        let pass = direction == .forward ? "value" : "derivative"
        return "the \(pass) of \(operation)\(place) is \(value) in row \(row) of shape \(shape)"
    }
}
