import Requirements

/// An n-dimensional array of numbers that a `Tape` can differentiate through.
///
/// Row-major, always contiguous, with value semantics: a copy costs nothing until one of the two is written to.
/// Reshaping and taking rows share the memory; every other operation makes a new tensor. Operations trap on
/// shapes or dtypes that do not fit, naming the operation and all operands: those are mistakes of the program.
///
/// ```swift
/// let x = Tensor([[1, 2], [3, 4]])       // float32, shape [2, 2]
/// let y = (x * x).sum(alongAxis: 1)      // [5, 25]
/// ```
public struct Tensor: @unchecked Sendable {
    /// Lengths of the axes; empty for a scalar.
    public let shape: [Int]
    /// The type of the elements.
    public let dtype: DType
    var storage: Storage
    /// Index of the first element in the storage.
    let offset: Int
    /// Where this tensor is recorded; nil for a constant.
    var tape: Tape?
    var slot: Int32

    /// Memory with undefined content: every element must be written before it is read.
    init(uninitialized shape: [Int], dtype: DType) {
        self.shape = shape
        self.dtype = dtype
        storage = Storage(byteCount: shape.product * dtype.byteCount)
        offset = 0
        tape = nil
        slot = -1
    }

    init(storage: Storage, offset: Int, shape: [Int], dtype: DType) {
        self.storage = storage
        self.offset = offset
        self.shape = shape
        self.dtype = dtype
        tape = nil
        slot = -1
    }

    /// Number of axes.
    public var rank: Int { shape.count }

    /// Number of elements.
    public var count: Int { shape.product }

    /// Whether operations on this tensor are recorded at present: by the thread that recorded it, no other.
    public var isRecorded: Bool { tape?.isRecording ?? false }

    /// The same values as a constant: no gradient flows through.
    public func detached() -> Tensor {
        Tensor(storage: storage, offset: offset, shape: shape, dtype: dtype)
    }

    /// Whether both are the same memory. Held by somebody, it is not written to: whoever changes one of them gets memory of its own.
    package func isSameStorage(as other: Tensor) -> Bool {
        storage === other.storage && offset == other.offset && shape == other.shape && dtype == other.dtype
    }

    /// Length of an axis; negative axes count from the end.
    public func length(ofAxis axis: Int) -> Int { shape[normalized(axis: axis, "length")] }

    func normalized(axis: Int, _ operation: StaticString) -> Int {
        let result = axis < 0 ? axis + rank : axis
        require(result >= 0 && result < rank, operation, [self], "axis \(axis) does not exist")
        return result
    }

    /// Sorted, distinct, non-negative.
    func normalized(axes: [Int], _ operation: StaticString) -> [Int] {
        let result = axes.map { normalized(axis: $0, operation) }.sorted()
        require(Set(result).count == result.count, operation, [self], "axes \(axes) repeat themselves")
        return result
    }
}

extension Array where Element == Int {
    var product: Int {
        var result = 1
        for length in self { result *= length }
        return result
    }
}

/// Traps with the operation's name and the shape and dtype of every operand, in release builds too.
@inline(__always)
package func require(
    _ condition: Bool, _ operation: StaticString, _ operands: @autoclosure () -> [Tensor],
    _ message: @autoclosure () -> String
) {
    if !condition { shapeError(operation, operands(), message()) }
}

@inline(never)
package func shapeError(_ operation: StaticString, _ operands: [Tensor], _ message: String) -> Never {
    refuse("\(operation)(\(Tensor.list(operands))): \(message)")
}

extension Tensor {
    /// Dtypes and shapes, as messages name operands.
    static func list(_ operands: [Tensor]) -> String {
        operands.map { "\($0.dtype)\($0.shape)" }.joined(separator: ", ")
    }
}
