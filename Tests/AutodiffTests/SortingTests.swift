import Autodiff
import Testing

/// Orders of rows against a plain sort, with everything that may stand in them.
struct SortingTests {
    /// Many ties, both zeros, infinities and NaN.
    private static func rows(_ count: Int, of width: Int, _ dtype: DType, seed: UInt64) -> Tensor {
        let odd: [Double] = [0, -0.0, .infinity, -.infinity, .nan, -.nan, 1, 1, -1, .leastNonzeroMagnitude, 1e300]
        let draws = Tensor.uniform([count * width], dtype: .float64, key: RandomKey(seed)).values
        let values = draws.map { draw in
            let place = Int(draw * 40)
            return place < odd.count ? odd[place] : place < 25 ? Double(place) : draw - 0.5
        }
        return Tensor(values, shape: [count, width], dtype: dtype)
    }

    private func expected(_ x: Tensor, _ k: Int, largest: Bool) -> [Int] {
        let (width, all) = (x.shape[1], x.values)
        return (0..<x.shape[0]).flatMap { row in
            let elements = Array(all[row * width..<(row + 1) * width])
            let numbers = elements.indices.filter { !elements[$0].isNaN }.sorted { i, j in
                elements[i] == elements[j] ? i < j : (elements[i] > elements[j]) == largest
            }
            return (numbers + elements.indices.filter { elements[$0].isNaN }).prefix(k)
        }
    }

    @Test(arguments: [DType.float32, .float64], [true, false])
    func ordersAreThoseOfAPlainSort(dtype: DType, largest: Bool) {
        for (number, width) in [1, 2, 23, 24, 25, 26, 100, 700, 1500].enumerated() {
            let x = Self.rows(width < 100 ? 300 : 40, of: width, dtype, seed: UInt64(number))
            for k in Set([1, 2, 10, 24, 25, 60, width / 2, width]) where k <= width {
                let found = x.topK(k, largest: largest)
                let places = expected(x, k, largest: largest)
                #expect(found.indices.values.map { Int($0) } == places, "\(k) of \(width)")
                let values = places.enumerated().map { x.values[$0 / k * width + $1] }
                #expect(zip(found.values.values, values).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
            }
            #expect(x.sorted(descending: largest).indices == x.topK(width, largest: largest).indices)
        }
    }

    @Test(arguments: [5, 30])
    func numbersAfterManyThatAreNoneComeFirst(k: Int) {
        let x = Tensor([Double](repeating: .nan, count: 256) + (0..<256).map(Double.init), shape: [1, 512])
        #expect(x.topK(k).indices.indices == (0..<k).map { 511 - $0 })
        #expect(x.topK(k, largest: false).indices.indices == (0..<k).map { 256 + $0 })
    }

    @Test func nothingOfSomethingAndAllOfNothing() {
        #expect(Tensor.zeros([3, 4]).topK(0).values.shape == [3, 0])
        #expect(Tensor.zeros([3, 0]).sorted().indices.shape == [3, 0])
        #expect(Tensor.zeros([0, 4]).topK(2).indices.shape == [0, 2])
        let x = Self.rows(2, of: 60, .float32, seed: 9).reshaped([2, 1, 60])
        #expect(x.topK(30).indices == x.reshaped([2, 60]).topK(30).indices.reshaped([2, 1, 30]))
    }
}
