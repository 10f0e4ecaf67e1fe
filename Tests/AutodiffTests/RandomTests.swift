import Autodiff
import CKernels
import Testing

struct RandomTests {
    @Test func philoxKnownAnswer() {
        // Of the Random123 distribution: key and counter zero.
        var words = [UInt32](repeating: 0, count: 4)
        tap_philox(0, 0, 0, 0, 0, &words)
        #expect(words == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    }

    @Test func sameKeySameNumbers() {
        let key = RandomKey(9)
        #expect(Tensor.normal([50], key: key) == Tensor.normal([50], key: key))
        #expect(Tensor.normal([50], key: key) != Tensor.normal([50], key: key.folded(with: 1)))
        #expect(key.folded(with: 1) != key.folded(with: 2))
    }

    @Test func momentsOfTheDistributions() {
        let normal = Tensor.normal([20_000], mean: 2, standardDeviation: 3, dtype: .float64, key: RandomKey(4))
        let mean = normal.mean().item
        #expect(abs(mean - 2) < 0.1)
        #expect(abs((normal - mean).square().mean().item - 9) < 0.4)
        let uniform = Tensor.uniform([20_000], from: -1, to: 3, dtype: .float64, key: RandomKey(5))
        #expect(abs(uniform.mean().item - 1) < 0.05)
        #expect(uniform.min().item >= -1 && uniform.max().item < 3)
    }

    @Test func dropoutKeepsItsRateAndScale() {
        let ones = Tensor.ones([200, 50])
        let y = ones.dropout(DropoutMask(rate: 0.25, key: RandomKey(1), site: 0), at: RowAddresses(rowCount: 200))
        let kept = y.values.filter { $0 != 0 }
        #expect(kept.allSatisfy { abs($0 - 1 / 0.75) < 1e-6 })
        #expect(abs(Double(kept.count) / 10_000 - 0.75) < 0.02)
    }

    @Test func aSampleHasTheSameMaskInAnyBatch() {
        let mask = DropoutMask(rate: 0.5, key: RandomKey(1), site: 3)
        let x = Tensor.ones([4, 9])
        let all = x.dropout(mask, at: RowAddresses(samples: [7, 7, 8, 2], positions: [0, 1, 0, 0]))
        let some = x.sliced(0..<2).dropout(mask, at: RowAddresses(samples: [2, 7], positions: [0, 1]))
        #expect(some[0] == all[3] && some[1] == all[1])
        #expect(all[0] != all[1])
    }

    @Test func gradientUsesTheSameMask() {
        let mask = DropoutMask(rate: 0.5, key: RandomKey(1), site: 3)
        let x = Tensor.ones([3, 20])
        let y = x.dropout(mask, at: RowAddresses(rowCount: 3))
        #expect(gradient(at: x) { $0.dropout(mask, at: RowAddresses(rowCount: 3)).sum() } == y)
        #expect(y.values.contains(0))
    }
}
