import Autodiff
import Testing

/// Sums of rows picked by number: the same as looking the rows up and adding them, in value and derivatives.
struct SegmentSumsTests {
    private let indices = Tensor(indices: [4, 1, 4, 4, 0, 2, 1])
    private let offsets = Offsets([0, 3, 3, 4, 7])

    private func table(_ rows: Int = 5, _ width: Int = 3, _ dtype: DType = .float64) -> Tensor {
        Tensor((0..<rows * width).map { Double(($0 * 37) % 19) / 7 - 1 }, shape: [rows, width], dtype: dtype)
    }

    @Test(arguments: [DType.float32, .float64], [1, 3, 16, 33]) func valuesAreThoseOfALookUp(dtype: DType, width: Int) {
        let table = table(5, width, dtype)
        let sums = table.gatheringRows(at: indices).segmentSum(offsets), means = table.gatheringRows(at: indices).segmentMean(offsets)
        let tolerance = dtype == .float32 ? 1e-6 : 1e-14
        #expect(table.segmentSums(ofRowsAt: indices, offsets: offsets).maximumDifference(to: sums) < tolerance)
        #expect(table.segmentMeans(ofRowsAt: indices, offsets: offsets).maximumDifference(to: means) < tolerance)
        #expect(sums.rows[1].allSatisfy { $0 == 0 })
        let none = table.segmentSums(ofRowsAt: Tensor(indices: []), offsets: Offsets([0, 0]))
        #expect(none.rows == [[Double](repeating: 0, count: width)])
    }

    @Test(arguments: [1, 2]) func gradientsHold(order: Int) {
        let report = gradientCheck(at: [table()], order: order) {
            ($0[0].segmentMeans(ofRowsAt: indices, offsets: offsets).tanh() * 2).exp().sum()
        }
        #expect(report.passed, "\(report)")
    }

    @Test(arguments: [1, 40, 3000]) func theGradientHoldsEachRowOnce(count: Int) {
        let table = table(50, 4)
        let indices = Tensor(indices: (0..<count).map { ($0 * 7 + $0 / 3) % 50 })
        let offsets = Offsets(lengths: [count / 2, 0, count - count / 2])
        func gradient(_ function: @escaping (Tensor) -> Tensor) -> Gradient {
            withTape { tape in
                let x = tape.watch(table)
                return tape.pullback(of: function(x).square().sum(), to: [x])[0]!
            }
        }
        let found = gradient { $0.segmentSums(ofRowsAt: indices, offsets: offsets) }
        guard case .rows(let rows) = found else { return #expect(Bool(false), "the gradient is not row-sparse") }
        #expect(rows.indices.indices == Set(indices.indices).sorted())
        let expected = gradient { $0.gatheringRows(at: indices).segmentSum(offsets) }
        let scale = expected.tensor.values.reduce(0) { max($0, abs($1)) }
        #expect(found.tensor.maximumDifference(to: expected.tensor) < 1e-13 * scale)
        // What is coalesced already stays as it is.
        #expect(rows.coalesced().values.isSameStorage(as: rows.values))
    }

    @Test func aSegmentDoesNotDependOnTheOthers() {
        let table = table(50, 33, .float32), indices = (0..<900).map { ($0 * 7 + $0 / 3) % 50 }
        let whole = table.segmentSums(ofRowsAt: Tensor(indices: indices), offsets: Offsets(lengths: (0..<30).map { _ in 30 }))
        for segment in 0..<30 {
            let own = Tensor(indices: Array(indices[segment * 30..<segment * 30 + 30]))
            #expect(table.segmentSums(ofRowsAt: own, offsets: Offsets([0, 30])) == whole.sliced(segment..<segment + 1))
        }
    }
}
