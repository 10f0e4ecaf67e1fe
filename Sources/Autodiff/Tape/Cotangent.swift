/// What the reverse pass has gathered for one entry: a gradient of all of it, and parts that came from slices.
///
/// A slice's cotangent stays as small as the slice until the whole is asked for. Parts that do not overlap are then laid
/// side by side: cutting a tensor up costs one more copy of it, whatever the number of pieces.
struct Cotangent {
    private var whole: Gradient?
    private var parts: [Part] = []
    let shape: [Int]
    let dtype: DType

    private struct Part {
        let axis: Int
        let range: Range<Int>
        var values: Tensor
    }

    init(_ gradient: Gradient) {
        whole = gradient
        (shape, dtype) = (gradient.shape, gradient.dtype)
    }

    /// That of a tensor of which a slice was taken, by the cotangent of the slice.
    init(slice values: Tensor, _ range: Range<Int>, alongAxis axis: Int, of shape: [Int]) {
        parts = [Part(axis: axis, range: range, values: values)]
        (self.shape, dtype) = (shape, values.dtype)
    }

    mutating func add(_ other: Cotangent) {
        if let gradient = other.whole { add(gradient) }
        if other.parts.isEmpty { return }
        parts += other.parts
        // Slices that overlap may be many times as large as the whole.
        if parts.reduce(0, { $0 + $1.values.count }) > 2 * shape.product { mergeParts() }
    }

    private mutating func add(_ gradient: Gradient) {
        if whole == nil { whole = gradient } else { whole!.add(gradient) }
    }

    /// All of it as one gradient.
    consuming func merged() -> Gradient {
        mergeParts()
        return whole!
    }

    /// Everything that has to be finite if the gradient is.
    var tensors: [Tensor] {
        let gradient: [Tensor] = switch whole {
        case .dense(let tensor): [tensor]
        case .rows(let rows): [rows.values]
        case nil: []
        }
        return gradient + parts.map(\.values)
    }

    private mutating func mergeParts() {
        // In order of axis and place; equal ones stay in the order in which they came.
        var rest = parts.enumerated().sorted { a, b in
            (a.element.axis, a.element.range.lowerBound, a.offset) < (b.element.axis, b.element.range.lowerBound, b.offset)
        }.map(\.element)
        parts = []
        while let axis = rest.first?.axis {
            var row: [Tensor] = [], later: [Part] = [], end = 0
            for part in rest {
                guard part.axis == axis, part.range.lowerBound >= end else {
                    later.append(part)
                    continue
                }
                row += zeros(end..<part.range.lowerBound, axis, like: part.values) + [part.values]
                end = part.range.upperBound
            }
            row += zeros(end..<shape[axis], axis, like: row[0])
            add(.dense(.concatenating(row, alongAxis: axis)))
            rest = later
        }
    }

    private func zeros(_ range: Range<Int>, _ axis: Int, like values: Tensor) -> [Tensor] {
        if range.isEmpty { return [] }
        var shape = shape
        shape[axis] = range.count
        return [.zeros(shape, dtype: values.dtype)]
    }
}
