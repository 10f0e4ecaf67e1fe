import Requirements

/// The operations through which no derivative flows. The list is whole: what is not on it is recorded.
///
/// Beside them there are the reads, which leave the tape by giving Swift values (`values`, `item`, `scalars`, `rows`,
/// `indices`, `float16Bits`, `bfloat16Bits`, `withUnsafeBytes`, `==`, descriptions), and `detached()`, whose purpose it is.
package enum OperationWithoutDerivative: String, CaseIterable, Sendable {
    // Constant but for jumps: the derivative is zero wherever it exists, and their results are constants.
    case sign, less = ".<", lessOrEqual = ".<=", greater = ".>", greaterOrEqual = ".>=", equal = ".==", notEqual = ".!="
    case argmax, argmin, topKIndices, sortedIndices, castToInt32, castToBool
    // Of booleans, by which nothing is differentiated.
    case not = "!", and = "&", or = "|"
    // They write into the memory of their operand, which a record may need: on a recorded tensor they trap.
    case addTimes = "add(times:)", applyAdamW

    package var isForbidden: Bool { self == .addTimes || self == .applyAdamW }
}

extension Tape {
    /// Traps by name where an operation that has no derivative would be differentiated through.
    static func forbid(_ operation: OperationWithoutDerivative, _ operands: Tensor...) {
        guard operands.contains(where: \.isRecorded) else { return }
        refuse("\(operation.rawValue)(\(Tensor.list(operands))): has no derivative; pass detached() if none should flow")
    }
}
