import Autodiff
import Layers
import Losses
import Optimizers

/// Holds a loss to the laws that can be seen from embeddings.
struct LossChecker {
    let loss: any Loss
    let maker: SampleMaker
    let key: RandomKey
    var report: LawReport
    private let stored: [NamedParameter]

    static let rowCount = 6

    /// - Throws: What the loss says to the batches that it will be given.
    init(_ loss: any Loss, columnCount: Int? = nil, width: Int, key: RandomKey) throws {
        self.loss = loss
        self.key = key
        maker = try SampleMaker(
            loss.inputs, columnCount: columnCount, width: width, layerCount: loss.needsEveryLayer ? 3 : 1, key: key, check: loss.validate)
        report = LawReport(loss.name)
        stored = storedParameters(of: loss)
    }

    private var exceptions: [LawException] { loss.lawExceptions }

    mutating func run() {
        withParameters(allParameters, as: .float32) { checkExtremes() }
        let isFinite = withParameters(allParameters, as: .float64) {
            let figures = figures(maker.sample(rows: Self.rowCount))
            report.expectFinite("an ordinary batch", figures)
            return figures.areFinite
        }
        // Without finite figures every comparison would fail.
        guard isFinite else { return }
        withParameters(allParameters, as: .float64) {
            checkRepetition()
            checkConstants()
            checkDerivatives()
            checkColumns()
            checkOwnParameters()
            checkRowOrder()
            checkBlocks()
            checkPromises()
        }
        withParameters(allParameters, as: .float32) { checkThreads() }
    }

    private var allParameters: [Parameter] {
        let declared = loss.parameters.map(\.parameter)
        return declared + stored.map(\.parameter).filter { parameter in !declared.contains { $0 === parameter } }
    }

    // MARK: Figures

    /// The value, and the gradients of every layer's columns and of the loss's own parameters.
    func figures(_ sample: LossSample, dtype: DType = .float64) -> Figures { figures(loss, sample, dtype: dtype) }

    func figures(_ loss: any Loss, _ sample: LossSample, dtype: DType = .float64) -> Figures {
        let leaves = sample.layers.map { $0.map { Parameter($0.cast(to: dtype)) } }
        let own = loss.parameters.filter(\.parameter.isTrainable)
        let named = named(leaves) + own
        let (value, gradients) = valueAndGradients(of: named.map(\.parameter)) { self.value(loss, sample, leaves) }
        return Figures(
            value.item,
            gradients: named.map {
                .init(name: $0.name, tensor: gradients[$0.parameter]?.tensor ?? .zeros($0.parameter.shape, dtype: $0.parameter.value.dtype))
            })
    }

    private func value(_ loss: any Loss, _ sample: LossSample, _ leaves: [[Parameter]]) -> Tensor {
        let layers = leaves.map { $0.map(\.value) }
        return loss(
            LossBatch(
                layers.last!, labels: sample.labels, sides: loss.sideInputs(for: sample.texts).cast(to: layers[0][0].dtype),
                layers: loss.needsEveryLayer ? layers : [], key: key)
        ).total
    }

    private func named(_ leaves: [[Parameter]]) -> [NamedParameter] {
        leaves.enumerated().flatMap { layer, columns in
            columns.enumerated().map { column, parameter in
                NamedParameter(
                    name: (leaves.count > 1 ? "layer \(layer), " : "") + "column \(column) (\(maker.columnNames[column]))",
                    parameter: parameter)
            }
        }
    }

    /// Gradients of columns among the figures' entries.
    private func leafCount(_ sample: LossSample) -> Int { sample.layers.count * sample.columnCount }

    // MARK: Laws of every loss

    private mutating func checkExtremes() {
        let ordinary = maker.sample(rows: 3)
        func constant(_ value: Double) -> LossSample { ordinary.mapEmbeddings { _, x in x * 0 + value } }
        func units(_ x: Tensor) -> Tensor { x.normalized() }
        let first = ordinary.layers.map { $0[0] }
        func copies(_ sign: (_ column: Int) -> Double, length: Double) -> LossSample {
            var copy = ordinary
            copy.layers = first.map { rows in maker.columnNames.indices.map { units(rows) * (length * sign($0)) } }
            return copy
        }
        var cases: [(String, LossSample)] = [
            ("an ordinary batch", ordinary), ("rows that are all zero", constant(0)), ("rows that are all equal", constant(1)),
            (
                "a zero row in each column",
                ordinary.mapEmbeddings { _, x in
                    .concatenating([.zeros([1, maker.width], dtype: .float64), x.sliced(1..<3)])
                }
            ),
            ("columns that are equal (cosines of 1)", copies({ _ in 1 }, length: 1)),
            ("columns that are opposite (cosines of −1)", copies({ $0 % 2 == 0 ? 1 : -1 }, length: 1)),
            ("scalar products of 1e4", copies({ _ in 1 }, length: 100)),
            ("scalar products of −1e4", copies({ $0 % 2 == 0 ? 1 : -1 }, length: 100)),
            (
                "scalar products of 1e4 with the last column, −1e4 with the others",
                copies(
                    { column in
                        column == 0 || column == maker.columnNames.count - 1 ? 1 : -1
                    }, length: 100)
            ),
            ("numbers of 1e4", ordinary.mapEmbeddings { _, x in x.sign() * 1e4 }),
            ("one row, repeated", ordinary.rows([0, 0, 0])),
        ]
        if loss.inputs.minimumRows == 1 { cases.append(("one row", ordinary.rows([0]))) }
        if let labels = ordinary.labels {
            var equal = ordinary
            equal.labels = labels.rows([1, 1, 1])
            cases.append(("equal labels", equal))
        }
        for (name, sample) in cases { report.expectFinite(name, figures(sample, dtype: .float32)) }
    }

    private mutating func checkRepetition() {
        let sample = maker.sample(rows: Self.rowCount)
        report.compare(.repeatable, "the same batch and key again", expected: figures(sample), found: figures(sample), tolerance: 0)
    }

    /// Labels and what the loss makes of the texts are watched, to see that no gradient comes to them.
    private mutating func checkConstants() {
        let sample = maker.sample(rows: Self.rowCount)
        let found: [(String, Tensor?)] = withTape { tape in
            var constants: [(String, Tensor)] = []
            let labels = sample.labels.map { tape.watch($0) }
            if let labels { constants.append(("the labels", labels)) }
            let sides = loss.sideInputs(for: sample.texts).cast(to: .float64).map { tensor in
                guard tensor.dtype.isFloatingPoint else { return tensor }
                let watched = tape.watch(tensor)
                constants.append(("side input \(constants.count { $0.0.hasPrefix("side") })", watched))
                return watched
            }
            let layers = sample.layers.map { $0.map { tape.watch($0) } }
            let value = loss(
                LossBatch(
                    layers.last!, labels: labels, sides: sides, layers: loss.needsEveryLayer ? layers : [], key: key)
            ).total
            let gradients = tape.pullback(of: value, to: constants.map(\.1))
            return zip(constants, gradients).map { ($0.0, $1?.tensor) }
        }
        if found.isEmpty { report.excuse(.constants, "there are no labels or side inputs with fractions") }
        for (name, gradient) in found {
            let values = gradient?.values ?? []
            let position = values.firstIndex { $0 != 0 }
            let rowSize = max(1, gradient?.shape.dropFirst().reduce(1, *) ?? 1)
            report.expect(
                position == nil, .constants, "a batch whose constants are watched", "the gradient of \(name)",
                row: position.map { $0 / rowSize }, expected: 0, found: position.map { values[$0] } ?? 0)
        }
        if exceptions.contains(.lastLayerIsTeacher) { checkTeacherLayer(sample) }
    }

    /// A teacher's gradient does not depend on what its pupils are.
    private mutating func checkTeacherLayer(_ sample: LossSample) {
        var other = sample
        let drawn = maker.sample(rows: Self.rowCount, number: 1)
        other.layers = Array(drawn.layers.dropLast()) + [sample.layers.last!]
        func teacher(_ figures: Figures) -> Figures {
            var figures = figures
            let last = (sample.layers.count - 1) * sample.columnCount
            figures.entries = Array(figures.entries[(1 + last)..<(1 + last + sample.columnCount)])
            return figures
        }
        report.compare(
            .constants, "other embeddings of the layers below the last, which is a teacher,",
            expected: teacher(figures(sample)), found: teacher(figures(other)))
    }

    private mutating func checkDerivatives() {
        if exceptions.contains(.stopsGradient) {
            report.excuse(.gradients, "it stops a gradient on purpose")
            report.excuse(.secondDerivatives, "it stops a gradient on purpose")
            return
        }
        for order in exceptions.contains(.onceDifferentiable) ? [1] : [1, 2] {
            let result = derivativeReport(order: order)
            let law = order == 1 ? Law.gradients : .secondDerivatives
            guard let worst = result.worst else { continue }
            let place = "the derivative by \(worst.input)" + (worst.index.map { " at element \($0)" } ?? "")
            report.expect(
                result.passed, error: worst.error, law, "a small step", place, expected: worst.differences, found: worst.tape)
        }
        if exceptions.contains(.onceDifferentiable) { report.excuse(.secondDerivatives, "it is differentiable once") }
    }

    /// Columns and own parameters together, so that mixed derivatives are seen, too.
    func derivativeReport(order: Int, tolerance: Double? = nil) -> GradientCheckReport {
        let sample = maker.sample(rows: 4)
        let leaves = sample.layers.map { $0.map { Parameter($0) } }
        let isTeacher = exceptions.contains(.lastLayerIsTeacher)
        let varied = named(isTeacher ? Array(leaves.dropLast()) : leaves) + loss.parameters.filter(\.parameter.isTrainable)
        // Steep exponentials have large derivatives of higher order: the differences are less exact there.
        return Layers.gradientCheck(of: varied, order: order, tolerance: tolerance ?? (order == 1 ? 1e-6 : 1e-4)) {
            value(loss, sample, leaves)
        }
    }

    /// The same on its own, with the parameters in float64 meanwhile.
    func gradientCheck(order: Int, tolerance: Double?) -> GradientCheckReport {
        withParameters(allParameters, as: .float64) { derivativeReport(order: order, tolerance: tolerance) }
    }

    private mutating func checkColumns() {
        let all = (0..<3).map { figures(maker.sample(rows: Self.rowCount, number: UInt64($0))) }
        let layers = maker.layerCount
        for (column, name) in maker.columnNames.enumerated() {
            if exceptions.contains(.ignoresColumn(column)) { continue }
            let isReached = all.contains { figures in
                (0..<layers).contains { layer in
                    figures.entries[1 + layer * maker.columnNames.count + column].tensor.values.contains { $0 != 0 }
                }
            }
            report.expect(
                isReached, .columns, "three ordinary batches", "column \(column) (\(name))", remark: "gets no gradient")
        }
    }

    private mutating func checkOwnParameters() {
        let sample = maker.sample(rows: Self.rowCount)
        let leaves = sample.layers.map { $0.map { Parameter($0) } }
        let checker = self
        func value() -> Tensor { checker.value(checker.loss, sample, leaves) }
        report.checkOwnParameters(stored: stored, declared: loss.parameters, key: key, value: { value().item }) {
            valueAndGradients(of: checker.loss.parameters.map(\.parameter), value).gradients
        }
    }

    private mutating func checkRowOrder() {
        if exceptions.contains(.rowOrderMatters) { return report.excuse(.rowOrder, "it goes by the rows' numbers") }
        let sample = maker.sample(rows: Self.rowCount)
        let expected = figures(sample)
        for order in rowOrders(Self.rowCount) {
            let inverse = order.indices.map { row in order.firstIndex(of: row)! }
            let found = figures(sample.rows(order)).mapGradients(leafCount(sample)) { $1.rows(inverse) }
            report.compare(.rowOrder, "the rows in the order \(order)", expected: expected, found: found)
        }
    }

    private mutating func checkBlocks() {
        guard var blockwise = loss as? any BlockwiseLoss else {
            return report.excuse(.blocks, "it is not computed in blocks of a size that can be set")
        }
        let sample = maker.sample(rows: Self.rowCount)
        let expected = figures(sample)
        for elements in [1, 2 * Self.rowCount, 40] {
            blockwise.elementsPerBlock = elements
            report.compare(.blocks, "blocks of \(elements) elements", expected: expected, found: figures(blockwise, sample))
        }
    }

    private mutating func checkThreads() {
        let sample = maker.sample(rows: 128)
        let original = Parallel.threadCount
        defer { Parallel.threadCount = original }
        Parallel.threadCount = 1
        let expected = figures(sample, dtype: .float32)
        for count in [2, 3] {
            Parallel.threadCount = count
            report.compare(
                .threads, "\(count) threads in place of one", expected: expected,
                found: figures(sample, dtype: .float32), tolerance: 0)
        }
    }

}

/// Three orders of so many rows: backward, by turns, mixed.
func rowOrders(_ count: Int) -> [[Int]] {
    let mixed = (0..<count).sorted { ($0 * 5 + 3) % 7 < ($1 * 5 + 3) % 7 }
    return [(0..<count).reversed(), Array(1..<count) + [0], mixed]
}
