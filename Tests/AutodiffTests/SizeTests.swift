@testable import Autodiff
import Testing

/// Sizes around the lengths at which loops change over to another block, beside sums written out in double precision.
struct SizeTests {
    private static let sizes = [1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 257, 300]

    private static func draw(_ shape: [Int], _ number: UInt64 = 1) -> Tensor { .normal(shape, dtype: .float64, key: RandomKey(number)) }

    private func expectNear(
        _ found: Tensor, _ expected: [Double], _ tolerance: Double, _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let largest = max(1, expected.map(abs).max() ?? 1)
        let worst = zip(found.values, expected).map { $0 == $1 ? 0 : abs($0 - $1) }.max() ?? 0
        #expect(found.count == expected.count && worst <= tolerance * largest, "\(comment) \(worst)", sourceLocation: sourceLocation)
    }

    /// The same in both precisions.
    private func expectNear(
        _ x: [Tensor], _ expected: [Double], _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation,
        _ function: ([Tensor]) -> Tensor
    ) {
        expectNear(function(x), expected, 1e-11, comment, sourceLocation: sourceLocation)
        expectNear(function(x.map { $0.cast(to: .float32) }), expected, 2e-5, comment, sourceLocation: sourceLocation)
    }

    @Test(arguments: sizes + [4095, 4096, 4097, 9000]) func rowsAndColumnsAreReduced(_ n: Int) {
        for other in n > 300 ? [1, 2] : [1, 2, 5, 40] {
            for (axis, shape) in [(0, [n, other]), (1, [other, n])] {
                let x = Self.draw(shape), all = x.rows
                let lines = axis == 1 ? all : (0..<other).map { column in all.map { $0[column] } }
                let place = "\(shape) along \(axis)"
                expectNear([x], lines.map { $0.reduce(0, +) }, place) { $0[0].sum(alongAxis: axis) }
                expectNear([x], lines.map { $0.max()! }, place) { $0[0].max(alongAxis: axis) }
                let lse = lines.map { line in
                    exponential(line.max()!) * 0 + line.max()! + logarithm(line.reduce(0) { $0 + exponential($1 - line.max()!) })
                }
                expectNear([x], lse, place) { $0[0].logSumExp(alongAxis: axis) }
                if axis == 1 {
                    expectNear([x], zip(lines, lse).flatMap { line, sum in line.map { exponential($0 - sum) } }, place) { $0[0].softmax() }
                    expectNear([x], zip(lines, lse).flatMap { line, sum in line.map { $0 - sum } }, place) { $0[0].logSoftmax() }
                }
            }
        }
    }

    @Test(arguments: [1, 15, 16, 17, 31, 65_535, 65_536, 65_537, 200_005]) func sumsOfSquaresHaveAllElements(_ count: Int) {
        let x = Self.draw([count])
        let expected = x.values.reduce(0) { $0 + $1 * $1 }
        #expect(abs(Kernels.sumOfSquares(x) - expected) < 1e-12 * expected)
        #expect(abs(Kernels.sumOfSquares(x.cast(to: .float32)) - expected) < 1e-6 * expected)
    }

    /// Forward and backward, by rows and by width: the sums of the parameters go by blocks of rows, those of a row by its width.
    @Test(arguments: [(1, 5), (3, 16), (127, 7), (128, 7), (129, 7), (300, 17), (2, 33), (3, 300), (2, 4097), (1, 9001)])
    func layerNormEqualsItsTwin(rows: Int, width: Int) {
        let x = [Self.draw([rows, width], 1), Self.draw([width], 2), Self.draw([width], 3)], weights = Self.draw([rows, width], 4)
        func run(_ x: [Tensor], _ weights: Tensor, _ function: ([Tensor]) -> Tensor) -> [Tensor] {
            [function(x)] + valueAndGradients(at: x) { (function($0) * weights).sum() }.gradients
        }
        let expected = run(x, weights) { $0[0].composedLayerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5) }
        let found = run(x, weights) { $0[0].layerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5) }
        let single = run(x.map { $0.cast(to: .float32) }, weights.cast(to: .float32)) {
            $0[0].layerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5)
        }
        for i in expected.indices {
            expectNear(found[i], expected[i].values, 1e-11, "part \(i)")
            expectNear(single[i], expected[i].values, 1e-4, "part \(i)")
        }
        #expect(
            gradientCheck(at: [Self.draw([3, 4])], order: 2) {
                $0[0].layerNorm(scale: .ones([4], dtype: .float64), shift: .zeros([4], dtype: .float64), epsilon: 0.5)
            }.passed)
    }

    @Test(arguments: [
        (1, 1, 1), (5, 3, 7), (65, 40, 30), (130, 70, 9), (7, 9, 383), (7, 9, 384), (7, 9, 385), (40, 50, 800), (3, 200, 1000),
    ])
    func productsEqualSums(m: Int, n: Int, k: Int) {
        let (a, b, bias) = (Self.draw([m, k], 1), Self.draw([n, k], 2), Self.draw([n], 3))
        let (x, w, c) = (a.rows, b.rows, bias.values)
        let expected = x.flatMap { row in w.indices.map { j in zip(row, w[j]).reduce(c[j]) { $0 + $1.0 * $1.1 } } }
        expectNear([a, b, bias], expected) { $0[0].linear(weight: $0[1], bias: $0[2]) }
        expectNear([a, b, bias], expected) { $0[0].transposed().matmul($0[1].transposed(), transposingA: true) + $0[2].reshaped([1, -1]) }
    }

    @Test(arguments: 1...40) func distancesHaveAllElements(_ width: Int) {
        let (a, b) = (Self.draw([2, width], 1), Self.draw([3, width], 2))
        func matrix(_ distance: ([Double], [Double]) -> Double) -> [Double] { a.rows.flatMap { x in b.rows.map { distance(x, $0) } } }
        expectNear([a, b], matrix { zip($0, $1).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() }) {
            euclideanDistance($0[0], $0[1])
        }
        expectNear([a, b], matrix { zip($0, $1).reduce(0) { $0 + abs($1.0 - $1.1) } }) { manhattanDistance($0[0], $0[1]) }
    }

    @Test(arguments: [63, 64, 65, 130, 300]) func everyElementOfARowDraws(_ width: Int) {
        let mask = DropoutMask(rate: 0.5, key: RandomKey(7), site: 3), rows = RowAddresses(samples: [4, 9], positions: [2, 0])
        for dtype in [DType.float32, .float64] {
            let y = Tensor.ones([2, width], dtype: dtype).dropout(mask, at: rows).rows
            for (row, position, sample) in [(0, UInt32(2), UInt32(4)), (1, 0, 9)] {
                #expect(y[row] == mask.factors(count: width, row: position, sample: sample))
            }
        }
    }

    /// Larger than one thread's share, with every way of repeating an operand.
    @Test(arguments: [
        [[40_000], []], [[], [40_000]], [[3, 1, 5], [1, 4, 5]], [[3, 4, 5], [3, 1, 5]], [[3, 4, 5], [1, 1, 5]],
        [[2, 3, 4, 5], [2, 1, 4, 1]],
        [[300, 1], [1, 200]], [[300, 200], [300, 1]], [[300, 200], [1, 200]], [[1, 4], [3, 1]], [[2, 1, 3], [2, 5, 1]],
    ])
    func operandsAreRepeated(_ shapes: [[Int]]) {
        let (a, b) = (Self.draw(shapes[0], 1), Self.draw(shapes[1], 2))
        let rank = max(a.rank, b.rank)
        func padded(_ shape: [Int]) -> [Int] { [Int](repeating: 1, count: rank - shape.count) + shape }
        let (p, q) = (padded(a.shape), padded(b.shape)), shape = zip(p, q).map(max)
        let (x, y) = (a.values, b.values)
        let expected = (0..<shape.reduce(1, *)).map { position -> Double in
            var (rest, i, j, si, sj) = (position, 0, 0, 1, 1)
            for axis in (0..<rank).reversed() {
                let index = rest % shape[axis]
                rest /= shape[axis]
                if p[axis] > 1 { i += index * si }
                if q[axis] > 1 { j += index * sj }
                si *= p[axis]
                sj *= q[axis]
            }
            return x[i] - 2 * y[j]
        }
        expectNear([a, b], expected) { $0[0] - $0[1] * 2 }
    }

    @Test func brainFloatsGoThereAndBack() {
        let bits = (0...UInt16.max).filter { $0 & 0x7F80 != 0x7F80 || $0 & 0x007F == 0 }
        let values = Tensor(bfloat16Bits: bits, shape: [bits.count])
        #expect(values.bfloat16Bits == bits)
        #expect(values.values == bits.map { Double(Float(bitPattern: UInt32($0) << 16)) })
        #expect(Tensor([.nan, -.nan]).bfloat16Bits.allSatisfy { $0 & 0x7F80 == 0x7F80 && $0 & 0x007F != 0 })
        // 1 and its neighbor are 2⁻⁷ apart: to the nearer one, ties to the even one.
        let between: [Double] = [1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1.1p-8, -(1 + 0x1.1p-8), .greatestFiniteMagnitude]
        #expect(Tensor(between).bfloat16Bits == [0x3F80, 0x3F82, 0x3F81, 0xBF81, 0x7F80])
        // Also from memory that is not aligned.
        let bytes: [UInt8] = [9, 0x80, 0x3F, 0, 0xC0]
        #expect(bytes[1...].withUnsafeBytes { Tensor(bfloat16: $0, shape: [2]) }.values == [1, -2])
        #expect(bytes[1...].withUnsafeBytes { Tensor(float16: $0, shape: [2]) }.values == [1.875, -2])
    }

    @Test func halfPrecisionGoesThereAndBack() {
        let bits = (0...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 || $0 & 0x03FF == 0 }
        let values = Tensor(float16Bits: bits, shape: [bits.count])
        #expect(values.float16Bits == bits)
        let expected = bits.map { Double(Float16(bitPattern: $0)) }
        #expect(values.values == expected)
        let nan = Tensor([.nan, -.nan]).float16Bits
        #expect(nan.allSatisfy { $0 & 0x7C00 == 0x7C00 && $0 & 0x03FF != 0 })
        let between = (0..<4000).map {
            Float(sign: $0 % 2 == 0 ? .plus : .minus, exponent: $0 % 45 - 27, significand: 1 + Float($0) / 4001)
        }
        #expect(Tensor(scalars: between, shape: [between.count]).float16Bits == between.map { Float16($0).bitPattern })
    }

    @Test func rotationsReachAsFarAsTheLongestSequence() {
        let rotation = RotaryEmbedding(inverseFrequencies: [0.7, 0.01], scaling: 1.3)
        for count in [3, 64, 65, 200, 10] {
            let table = rotation.turns(count: count, dtype: .float64)
            #expect(table.shape[0] >= count)
            for position in [0, count - 1] {
                let angles = rotation.inverseFrequencies.map { Double(position) * $0 }
                expectNear(table[position], angles.map { 1.3 * cosine($0) } + angles.map { 1.3 * sine($0) }, 1e-12)
            }
        }
    }

    /// Two lookups of a long batch: their gradients are joined, and beyond some size added up row by row.
    @Test(arguments: [3, 500, 1100, 3000]) func sparseRowsAddUp(_ count: Int) {
        let table = Self.draw([50, 3])
        let lists = (0..<3).map { list in Tensor(indices: (0..<count).map { ($0 * (list + 3) + $0 / 7) % 50 }) }
        let weights = (0..<3).map { Self.draw([count, 3], UInt64($0 + 5)) }
        let found = withTape { tape in
            let x = tape.watch(table)
            let y = zip(lists, weights).map { (x.gatheringRows(at: $0) * $1).sum() }.reduce(Tensor(0, dtype: .float64), +)
            return tape.pullback(of: y, to: [x])[0]!
        }
        var expected = [Double](repeating: 0, count: 150)
        for (list, weight) in zip(lists, weights) {
            for (place, row) in list.indices.enumerated() { for d in 0..<3 { expected[row * 3 + d] += weight.values[place * 3 + d] } }
        }
        guard case .rows = found else { return #expect(Bool(false), "the gradient is not row-sparse") }
        expectNear(found.tensor, expected, 1e-12)
        expectNear(found.scaled(by: -0.5).tensor, expected.map { -0.5 * $0 }, 1e-12)
        let squares = expected.reduce(0) { $0 + $1 * $1 }
        #expect(abs(found.sumOfSquares - squares) < 1e-12 * squares)
    }
}
