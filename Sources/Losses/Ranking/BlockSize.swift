import Autodiff

/// How a matrix of similarities is cut into blocks of rows.
public enum BlockSize {
    /// 2²¹ elements: 8 MB in float32, which a processor's cache holds.
    public static let defaultElements = 1 << 21

    /// The rows of a block: as many as keep a matrix of this width within so many elements, and at least one.
    public static func rows(width: Int, _ elements: Int) -> Int { max(1, elements / max(1, width)) }
}

/// A loss that is computed in blocks of rows; its result does not depend on their size.
public protocol BlockwiseLoss: Loss {
    /// Most similarities that are in memory at once.
    var elementsPerBlock: Int { get set }
}

extension Tensor {
    /// `[rows, columns]`: true where the condition holds.
    ///
    /// - Parameters:
    ///   - rows: Numbers of the rows, as the condition sees them.
    ///   - columns: The number of columns.
    ///   - isTrue: Whether the mask is true there.
    public static func mask(rows: Range<Int>, columns: Int, _ isTrue: (_ row: Int, _ column: Int) -> Bool) -> Tensor {
        var scalars: [Bool] = []
        scalars.reserveCapacity(rows.count * columns)
        for i in rows { for j in 0..<columns { scalars.append(isTrue(i, j)) } }
        return Tensor(scalars: scalars, shape: [rows.count, columns])
    }

    /// Logits `[b, n]` of the given rows with −∞ in place of the candidates that do not count.
    func removing(rows: Range<Int>, where isRemoved: (_ row: Int, _ candidate: Int) -> Bool) -> Tensor {
        filled(with: -.infinity, where: .mask(rows: rows, columns: shape[1], isRemoved))
    }
}
