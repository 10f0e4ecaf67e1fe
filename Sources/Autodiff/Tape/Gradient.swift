/// What the reverse pass brings to a tensor: all of its elements, or only the rows that were used.
public enum Gradient: Sendable {
    /// All elements.
    case dense(Tensor)
    /// Some rows of a matrix; all others are zero.
    case rows(RowSparseTensor)

    /// Shape of the tensor that this is the gradient of.
    public var shape: [Int] {
        switch self {
        case .dense(let tensor): tensor.shape
        case .rows(let rows): rows.shape
        }
    }

    /// Dtype of the elements: that of the tensor that this is the gradient of.
    public var dtype: DType {
        switch self {
        case .dense(let tensor): tensor.dtype
        case .rows(let rows): rows.values.dtype
        }
    }

    /// The gradient with every element written out.
    public var tensor: Tensor {
        switch self {
        case .dense(let tensor): tensor
        case .rows(let rows): rows.dense
        }
    }

    /// The elements that are held: all, or those of the rows that were used.
    var heldElements: Tensor {
        switch self {
        case .dense(let tensor): tensor
        case .rows(let rows): rows.values
        }
    }

    /// Sum of the squares of all elements, accumulated in double precision.
    public var sumOfSquares: Double {
        switch self {
        case .dense(let tensor): Kernels.sumOfSquares(tensor)
        case .rows(let rows): Kernels.sumOfSquares(rows.coalesced().values)
        }
    }

    /// Adds `other` to this gradient, in place where the memory is not shared.
    public mutating func add(_ other: Gradient) {
        switch (self, other) {
        case (.dense(var sum), .dense(let term)):
            self = other  // lets go of the memory, so that `sum` may be the only owner
            sum += term
            self = .dense(sum)
        case (.rows(let a), .rows(let b)):
            self = .rows(a.appending(b))
        case (.dense(var sum), .rows(let rows)), (.rows(let rows), .dense(var sum)):
            self = .rows(rows)
            sum.addRows(rows)
            self = .dense(sum)
        }
    }

    /// The gradient times a number.
    public func scaled(by factor: Double) -> Gradient {
        if factor == 1 { return self }
        return switch self {
        case .dense(let tensor): .dense(tensor * factor)
        case .rows(let rows):
            .rows(RowSparseTensor(indices: rows.indices, values: rows.values * factor, rowCount: rows.rowCount))
        }
    }
}
