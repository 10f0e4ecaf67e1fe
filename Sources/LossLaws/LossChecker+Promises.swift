import Autodiff
import Losses

/// What a loss promises on top.
extension LossChecker {
    mutating func checkPromises() {
        for promise in loss.laws { check(promise) }
    }

    private mutating func check(_ promise: LossLaw) {
        let sample = maker.sample(rows: Self.rowCount)
        let leaves = sample.layers.count * sample.columnCount
        let expected = figures(sample)
        func compare(_ law: Law, _ circumstance: String, _ changed: LossSample, gradients: (Int, Tensor) -> Tensor = { $1 }) {
            let found = figures(changed).mapGradients(leaves, gradients)
            report.compare(law, circumstance, expected: expected, found: found)
        }
        switch promise {
        case .scaleInvariant:
            let factors = self.factors(sample, columns: Set(0..<sample.columnCount))
            compare(.scale, "every row of every column times a number of its own", sample.mapEmbeddings { $1 * factors[$0] }) {
                $1 * factors[$0 % sample.columnCount]
            }
        case .columnScaleInvariant(let column):
            let factors = self.factors(sample, columns: [column])
            compare(.scale, "every row of column \(column) times a number of its own", sample.mapEmbeddings { $1 * factors[$0] }) {
                $1 * factors[$0 % sample.columnCount]
            }
        case .signInvariant:
            compare(.sign, "all embeddings negated", sample.mapEmbeddings { -$1 }) { -$1 }
        case .rotationInvariant:
            let mirror = householder()
            compare(.rotation, "all embeddings mirrored", sample.mapEmbeddings { $1.matmul(mirror) }) { $1.matmul(mirror) }
        case .translationInvariant:
            let shift = Tensor.normal([1, maker.width], dtype: .float64, key: key.folded(with: 11))
            compare(.translation, "one vector added to all embeddings", sample.mapEmbeddings { $1 + shift })
        case .labelShiftInvariant:
            compare(.labelShift, "labels larger by 3", relabeled(sample) { $0 + 3 })
        case .labelScaleInvariant:
            compare(.labelScale, "labels times 4", relabeled(sample) { $0 * 4 })
        case .symmetric(let columns):
            let cycle = Dictionary(uniqueKeysWithValues: zip(columns, columns.dropFirst() + columns.prefix(1)))
            let order = (0..<sample.columnCount).map { cycle[$0] ?? $0 }
            let changed = figures(sample.columns(order))
            // Where a column went, there its gradient is.
            let found = changed.mapGradients(leaves) { index, _ in
                let (layer, column) = (index / sample.columnCount, index % sample.columnCount)
                return changed.entries[1 + layer * sample.columnCount + order.firstIndex(of: column)!].tensor
            }
            report.compare(.symmetry, "columns in the order \(order)", expected: expected, found: found)
        case .meanOfRows:
            let parts = (0..<sample.rowCount).map { figures(sample.rows([$0])) }
            var mean = expected
            for i in mean.entries.indices {
                let tensors = parts.map(\.entries[i].tensor)
                let tensor = i >= 1 && i <= leaves ? Tensor.concatenating(tensors) : tensors.dropFirst().reduce(tensors[0], +)
                mean.entries[i] = .init(name: mean.entries[i].name, tensor: tensor / Double(sample.rowCount))
            }
            report.compare(.meanOfRows, "each row as a batch of its own", expected: expected, found: mean)
        case .repeatedRowsTeachNothing:
            checkRepeatedRows()
        }
    }

    private func factors(_ sample: LossSample, columns: Set<Int>) -> [Tensor] {
        (0..<sample.columnCount).map { column in
            columns.contains(column)
                ? .uniform([sample.rowCount, 1], from: 0.25, to: 4, dtype: .float64, key: key.folded(with: UInt64(20 + column)))
                : .ones([1, 1], dtype: .float64)
        }
    }

    /// A reflection `[D, D]`: 1 − 2 v vᵀ.
    private func householder() -> Tensor {
        let v = Tensor.normal([1, maker.width], dtype: .float64, key: key.folded(with: 10)).normalized()
        let n = maker.width
        let one = Tensor((0..<n * n).map { $0 % (n + 1) == 0 ? 1 : 0 }, shape: [n, n], dtype: .float64)
        return one - v.matmul(v, transposingA: true) * 2
    }

    private func relabeled(_ sample: LossSample, _ transform: (Tensor) -> Tensor) -> LossSample {
        var copy = sample
        copy.labels = sample.labels.map(transform)
        return copy
    }

    /// The texts of one row twice, with embeddings that differ as dropout makes them differ.
    private mutating func checkRepeatedRows() {
        guard let narrow = try? LossChecker(loss, columnCount: loss.inputs.columns.count, width: maker.width, key: key) else { return }
        for number in 0..<8 {
            let drawn = narrow.maker.sample(rows: 2, number: UInt64(number))
            var sample = drawn.rows([0, 0])
            sample.layers = drawn.layers
            let found = narrow.figures(sample)
            var zero = found
            for i in zero.entries.indices { zero.entries[i] = .init(name: zero.entries[i].name, tensor: zero.entries[i].tensor * 0) }
            report.compare(
                .repeatedRows, "one row's texts (\(sample.texts.map { $0[0] }.joined(separator: " | "))) twice",
                expected: zero, found: found)
        }
    }
}
