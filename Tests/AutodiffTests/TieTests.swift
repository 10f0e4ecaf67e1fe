import Autodiff
import Testing

/// Equal elements, and the points where a function has a kink: one rule says who gets the gradient.
struct TieTests {
    private static let dtypes = [DType.float32, .float64]

    @Test(arguments: dtypes) func theFirstOperandOfAnExtremumTakesATie(_ dtype: DType) {
        let a = Tensor([2, 1, 3, -0.5], dtype: dtype), b = Tensor([2, 4, -3, -0.5], dtype: dtype)
        let dy = Tensor([1, 10, 100, 1000], dtype: dtype)
        func gradients(_ function: (Tensor, Tensor) -> Tensor) -> [[Double]] {
            valueAndGradients(at: [a, b]) { (function($0[0], $0[1]) * dy).sum() }.gradients.map(\.values)
        }
        #expect(gradients(Tensor.maximum) == [[1, 0, 100, 1000], [0, 10, 0, 0]])
        #expect(gradients(Tensor.minimum) == [[1, 10, 0, 1000], [0, 0, 100, 0]])
    }

    /// Rows and columns, shorter and longer than vectors and blocks of the loops, with the extreme at several places.
    @Test(arguments: [1, 2, 5, 16, 17, 33, 300], [1, 3, 17, 260])
    func theFirstOfEqualExtremesIsTaken(length: Int, width: Int) {
        for dtype in Self.dtypes {
            let values = (0..<length * width).map { Double(($0 / width * 7 + $0 % width * 3) % 5) }
            let x = Tensor(values, shape: [length, width], dtype: dtype)
            func expected(_ axis: Int, _ isBetter: (Double, Double) -> Bool) -> [Int] {
                (0..<(axis == 0 ? width : length)).map { fixed in
                    let line = (0..<(axis == 0 ? length : width)).map {
                        axis == 0 ? values[$0 * width + fixed] : values[fixed * width + $0]
                    }
                    return line.indices.dropFirst().reduce(0) { isBetter(line[$1], line[$0]) ? $1 : $0 }
                }
            }
            for axis in [0, 1] {
                let (most, least) = (expected(axis, >), expected(axis, <))
                #expect(x.argmax(alongAxis: axis).indices == most && x.argmin(alongAxis: axis).indices == least)
                for (places, gradient) in [
                    (most, gradient(at: x) { $0.max(alongAxis: axis).sum() }),
                    (least, gradient(at: x) { $0.min(alongAxis: axis).sum() }),
                ] {
                    var ones = [Double](repeating: 0, count: values.count)
                    for (fixed, place) in places.enumerated() { ones[axis == 0 ? place * width + fixed : fixed * width + place] = 1 }
                    #expect(gradient.values == ones)
                }
            }
            let segments = Offsets([0, length / 2, length])
            let gradient = gradient(at: x) {
                $0.segmentMax(segments).filled(with: 0, where: Tensor(scalars: [length < 2, false], shape: [2, 1])).sum()
            }
            var ones = [Double](repeating: 0, count: values.count)
            for segment in 0..<2 where !segments[segment].isEmpty {
                for column in 0..<width {
                    let rows = segments[segment]
                    let best = rows.dropFirst().reduce(rows.lowerBound) {
                        values[$1 * width + column] > values[$0 * width + column] ? $1 : $0
                    }
                    ones[best * width + column] = 1
                }
            }
            #expect(gradient.values == ones)
        }
    }

    @Test(arguments: dtypes) func kinksHaveTheSlopesOfTheField(_ dtype: DType) {
        let x = Tensor([-1, 0, 1, 2], dtype: dtype)
        func slope(_ function: (Tensor) -> Tensor) -> [Double] { gradient(at: x) { function($0).sum() }.values }
        #expect(slope { $0.relu() } == [0, 0, 1, 1])
        #expect(slope { $0.abs() } == [-1, 0, 1, 1])
        #expect(slope { $0.clamped(from: 0, to: 1) } == [0, 1, 1, 0])
        #expect(slope { $0.pow(0) } == [0, 0, 0, 0])
        #expect(slope { $0.pow(1) } == [1, 1, 1, 1])
        #expect(x.sign().values == [-1, 0, 1, 1] && Tensor([-0.0], dtype: dtype).sign().values == [0])
        #expect(slope { $0.reshaped([2, 2]).norm().sum() * 0 + $0.reshaped([4, 1]).norm() }[1] == 0)
    }

    /// NaN is never lost on the way, wherever it stands.
    @Test(arguments: dtypes, [1, 15, 16, 17, 40]) func notANumberWins(_ dtype: DType, _ count: Int) {
        for place in Set([0, count / 2, count - 1]) {
            var values = (0..<count).map { Double($0 % 7) - 3 }
            values[place] = .nan
            let x = Tensor(values, dtype: dtype), other = Tensor(repeating: 1, shape: [count], dtype: dtype)
            for y in [Tensor.maximum(x, other), .maximum(other, x), .minimum(x, other), .minimum(other, x), x.relu()] {
                #expect(y.values.indices.filter { y.values[$0].isNaN } == [place])
            }
            #expect(x.max().item.isNaN && x.min().item.isNaN && x.argmax().indices == [place])
            let columns = x.reshaped([count, 1]).broadcast(to: [count, 3])
            #expect(columns.max(alongAxis: 0).values.allSatisfy(\.isNaN) && columns.argmin(alongAxis: 0).indices == [place, place, place])
            #expect(!x.isFinite && x.softmax().values.allSatisfy(\.isNaN))
        }
    }
}
