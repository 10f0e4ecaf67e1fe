/// What the reverse pass has gathered for a tensor from its slices.
///
/// A slice's cotangent stays as small as the slice until the whole is asked for. Slices that do not overlap are then laid
/// side by side: cutting a tensor up costs one more copy of it, whatever the number of pieces.
struct SliceCotangents {
    struct Slice {
        let axis: Int
        let range: Range<Int>
        let values: Tensor
    }

    private let shape: [Int]
    private var slices: [Slice] = []

    /// - Parameter shape: That of the tensor which the slices are of.
    init(of shape: [Int]) {
        self.shape = shape
    }

    /// Adds a slice; gives their sum, and lets go of them, where overlapping slices have grown larger than the whole.
    mutating func add(_ slice: Slice) -> Tensor? {
        slices.append(slice)
        return slices.reduce(0) { $0 + $1.values.count } > 2 * shape.product ? takeSum() : nil
    }

    /// The sum of all slices, in the shape of the tensor; nil where there is none. Lets go of them.
    mutating func takeSum() -> Tensor? {
        // In order of axis and place; equal ones stay in the order in which they came.
        var rest = slices.enumerated().sorted { a, b in
            (a.element.axis, a.element.range.lowerBound, a.offset) < (b.element.axis, b.element.range.lowerBound, b.offset)
        }.map(\.element)
        slices = []
        var sum: Tensor?
        while let axis = rest.first?.axis {
            var row: [Tensor] = [], later: [Slice] = [], end = 0
            for slice in rest {
                guard slice.axis == axis, slice.range.lowerBound >= end else {
                    later.append(slice)
                    continue
                }
                row += zeros(end..<slice.range.lowerBound, axis, like: slice.values) + [slice.values]
                end = slice.range.upperBound
            }
            row += zeros(end..<shape[axis], axis, like: row[0])
            let whole = Tensor.concatenating(row, alongAxis: axis)
            if sum == nil { sum = whole } else { sum! += whole }
            rest = later
        }
        return sum
    }

    private func zeros(_ range: Range<Int>, _ axis: Int, like values: Tensor) -> [Tensor] {
        if range.isEmpty { return [] }
        var shape = shape
        shape[axis] = range.count
        return [.zeros(shape, dtype: values.dtype)]
    }
}
