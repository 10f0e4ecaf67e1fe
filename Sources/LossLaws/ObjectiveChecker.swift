import Autodiff
import Layers
import Losses
import SentenceTraining
import SentenceEmbeddings
import Training

/// Holds an objective to its laws, on a small model with dropout.
struct ObjectiveChecker {
    private let objective: any SentenceObjective
    /// The objective with all of the batch in one part: what does not depend on mini-batches is looked at with it.
    private let whole: any SentenceObjective
    private let maker: SampleMaker
    private let key: RandomKey
    private let model: SentenceTransformer
    /// The same weights without dropout, where that can be had.
    private let plainModel: SentenceTransformer?
    private let stored: [NamedParameter]
    private(set) var report: LawReport

    private static let rowCount = 5

    /// On a small BERT of random weights.
    init(_ objective: any SentenceObjective, width: Int, key: RandomKey) throws {
        try self.init(
            objective, model: .forLaws(width: width, dropout: 0.2, key: key),
            plainModel: .forLaws(width: width, dropout: 0, key: key), key: key)
    }

    /// On a copy of a model, in float64.
    init(_ objective: any SentenceObjective, model: SentenceTransformer, key: RandomKey) throws {
        let copy = model.copied()
        for parameter in copy.parameters { parameter.value = parameter.value.cast(to: .float64) }
        try self.init(objective, model: copy, plainModel: nil, key: key)
    }

    private init(
        _ objective: any SentenceObjective, model: SentenceTransformer, plainModel: SentenceTransformer?, key: RandomKey
    ) throws {
        self.objective = objective
        self.key = key
        let miniBatched = objective as? any MiniBatchedObjective
        whole = miniBatched?.replacing(miniBatchSize: 1_000, miniBatchTokens: nil) ?? objective
        maker = try SampleMaker(
            objective.inputs, width: model.embeddingDimension, layerCount: 1, key: key, check: objective.check)
        self.model = model
        self.plainModel = plainModel
        stored = storedParameters(of: objective)
        report = LawReport(objective.name)
    }

    mutating func run() throws {
        let declared = objective.parameters.map(\.parameter)
        let all = declared + stored.map(\.parameter).filter { parameter in !declared.contains { $0 === parameter } }
        try withParameters(all, as: .float64) {
            let ordinary = batch()
            let expected = try figures(objective, ordinary)
            report.expectFinite("an ordinary batch", expected)
            guard expected.areFinite else { return }
            report.compare(
                .repeatable, "the same batch and key again", expected: expected,
                found: try figures(objective, ordinary), tolerance: 0)
            try checkExtremes()
            try checkConstants(ordinary)
            try checkOwnParameters(ordinary)
            try checkMiniBatches(ordinary)
            try checkRowOrder(ordinary)
            try checkPacking(ordinary)
            try checkGradients(ordinary)
            try checkThreads(expected)
        }
    }

    // MARK: Figures

    private func batch(rows: Int = rowCount, number: UInt64 = 0) -> TrainingBatch {
        let sample = maker.sample(rows: rows, number: number)
        return TrainingBatch(texts: sample.texts, labels: sample.labels, model: model)
    }

    private func parameters(of model: SentenceTransformer) -> [NamedParameter] {
        (model.namedParameters + objective.parameters).filter(\.parameter.isTrainable)
    }

    /// The value and the gradient of every parameter, for one draw of dropout.
    private func figures(
        _ objective: any SentenceObjective, _ batch: TrainingBatch, by model: SentenceTransformer? = nil
    ) throws -> Figures {
        let model = model ?? self.model
        let result = try objective.valueAndGradients(model, batch, key: key, detectingAnomalies: false)
        return figures(result.loss, result.gradients, model)
    }

    private func figures(_ value: Double, _ gradients: Gradients, _ model: SentenceTransformer) -> Figures {
        Figures(
            value,
            gradients: parameters(of: model).map {
                .init(name: $0.name, tensor: gradients[$0.parameter]?.tensor ?? .zeros($0.parameter.shape, dtype: .float64))
            })
    }

    /// The loss of texts that are embedded one by one, on one tape: what any embedding objective has to equal.
    private func reference(_ loss: any Loss, _ batch: TrainingBatch, by model: SentenceTransformer) throws -> Figures {
        let stage = LossStage(loss, batch, key: key)
        let (value, gradients) = try valueAndGradients(of: parameters(of: model).map(\.parameter), detectingAnomalies: false) {
            let texts = (0..<batch.tokens.count).map {
                stage.embeddings(of: batch.tokens.sequences([$0]), by: model, in: .training(key: key))
            }
            return stage.value(of: texts[0].indices.map { layer in .concatenating(texts.map { $0[layer] }) }).total
        }
        return figures(value.item, gradients, model)
    }

    // MARK: Laws

    private mutating func checkExtremes() throws {
        let sample = maker.sample(rows: Self.rowCount)
        var empty = sample
        empty.texts = sample.texts.map { $0.map { _ in "" } }
        var cases = [("one row, repeated", sample.rows([0, 0, 0])), ("texts without a word", empty)]
        if objective.inputs.minimumRows == 1 { cases.append(("one row", sample.rows([0]))) }
        for (name, sample) in cases {
            let batch = TrainingBatch(texts: sample.texts, labels: sample.labels, model: model)
            report.expectFinite(name, try figures(objective, batch))
        }
        report.expectFinite("evaluation", Figures(objective.value(model, batch()).total.item, gradients: []))
    }

    /// Gradients come to the model's and the objective's own parameters alone.
    private mutating func checkConstants(_ batch: TrainingBatch) throws {
        let known = Set(parameters(of: model).map { ObjectIdentifier($0.parameter) })
        let gradients = try objective.valueAndGradients(model, batch, key: key, detectingAnomalies: false).gradients
        for (parameter, gradient) in zip(gradients.parameters, gradients.values) where !known.contains(ObjectIdentifier(parameter)) {
            let name = stored.first { $0.parameter === parameter }?.name ?? "a parameter \(parameter.shape)"
            report.expect(
                gradient == nil, .constants, "an ordinary batch", name,
                remark: "gets a gradient, but is neither the model's nor the objective's own")
        }
        report.noteComparison(of: .constants)
    }

    private mutating func checkOwnParameters(_ batch: TrainingBatch) throws {
        let result = try objective.valueAndGradients(model, batch, key: key, detectingAnomalies: false)
        let (objective, model, key) = (objective, model, key)
        report.checkOwnParameters(
            stored: stored, declared: objective.parameters, key: key,
            value: {
                (try? objective.valueAndGradients(model, batch, key: key, detectingAnomalies: false).loss) ?? .nan
            }, gradients: { result.gradients })
    }

    private mutating func checkMiniBatches(_ batch: TrainingBatch) throws {
        guard let objective = objective as? any MiniBatchedObjective else {
            return report.excuse(.miniBatches, "it does not work in parts")
        }
        let expected = try figures(whole, batch)
        for size in [1, 2, 3] {
            report.compare(
                .miniBatches, "mini-batches of \(size) in place of all", expected: expected,
                found: try figures(objective.replacing(miniBatchSize: size, miniBatchTokens: nil), batch))
        }
        for tokens in [1, 24] {
            report.compare(
                .miniBatches, "mini-batches of \(tokens) tokens", expected: expected,
                found: try figures(objective.replacing(miniBatchSize: 1, miniBatchTokens: tokens), batch))
        }
        report.compare(.miniBatches, "mini-batches as they are set", expected: expected, found: try figures(objective, batch))
    }

    private mutating func checkRowOrder(_ batch: TrainingBatch) throws {
        if objective.lawExceptions.contains(.rowOrderMatters) { return report.excuse(.rowOrder, "it goes by the rows' numbers") }
        let expected = try figures(whole, batch)
        for order in rowOrders(Self.rowCount) {
            report.compare(
                .rowOrder, "the rows in the order \(order)", expected: expected,
                found: try figures(whole, batch.rows(order)))
        }
    }

    private mutating func checkPacking(_ batch: TrainingBatch) throws {
        guard let loss = (objective as? any EmbeddingObjective)?.loss else {
            report.excuse(.packing, "it does not say of which loss of embeddings it is made")
            return
        }
        let name = "each text in a batch of its own"
        if let plainModel {
            report.compare(
                .packing, name, expected: try reference(loss, batch, by: plainModel),
                found: try figures(whole, batch, by: plainModel))
        } else {
            report.excuse(.packing, "it is looked at together with dropout")
        }
        report.compare(
            .dropoutReplay, name + ", with dropout", expected: try reference(loss, batch, by: model),
            found: try figures(whole, batch))
    }

    /// First without dropout, then with it.
    private mutating func checkGradients(_ batch: TrainingBatch) throws {
        let exceptions = objective.lawExceptions
        if exceptions.contains(.stopsGradient) || exceptions.contains(.lastLayerIsTeacher) {
            return report.excuse(.gradients, "it stops a gradient on purpose")
        }
        if let plainModel { try compareSlopes(.gradients, "a small step", batch, by: plainModel) }
        try compareSlopes(plainModel == nil ? .gradients : .dropoutReplay, "a small step, with dropout", batch, by: model)
    }

    /// Along random directions of all parameters together; where they disagree, parameter by parameter.
    private mutating func compareSlopes(
        _ law: Law, _ circumstance: String, _ batch: TrainingBatch, by model: SentenceTransformer
    ) throws {
        let all = parameters(of: model)
        let gradients = try whole.valueAndGradients(model, batch, key: key, detectingAnomalies: false).gradients
        func slopes(_ varied: [NamedParameter], _ number: UInt64) throws -> (tape: Double, differences: Double, areClose: Bool) {
            let directions = varied.enumerated().map { index, named in
                Tensor.normal(named.parameter.shape, dtype: .float64, key: key.folded(with: number).folded(with: UInt64(index)))
            }
            let length = directions.reduce(0) { $0 + $1.square().sum().item }.squareRoot()
            let tape =
                zip(varied, directions).reduce(0) { sum, pair in
                    sum + (gradients[pair.0.parameter].map { ($0.tensor * pair.1).sum().item } ?? 0)
                } / length
            let originals = varied.map(\.parameter.value)
            defer { for (named, original) in zip(varied, originals) { named.parameter.value = original } }
            let step = 1e-4
            func shifted(_ factor: Double) throws -> Double {
                for ((named, original), direction) in zip(zip(varied, originals), directions) {
                    named.parameter.value = original + direction * (factor * step / length)
                }
                return try whole.valueAndGradients(model, batch, key: key, detectingAnomalies: false).loss
            }
            let differences = (8 * (try shifted(1) - shifted(-1)) - (try shifted(2) - shifted(-2))) / (12 * step)
            return (tape, differences, abs(tape - differences) <= 1e-6 * max(abs(tape), abs(differences), 1e-2))
        }
        for number in 0..<UInt64(2) {
            let joint = try slopes(all, 40 + number)
            if joint.areClose {
                report.noteComparison(of: law)
                continue
            }
            for named in all {
                let own = try slopes([named], 50 + number)
                let error = abs(own.tape - own.differences) / max(abs(own.tape), abs(own.differences), 1e-2)
                report.expect(
                    own.areClose, error: error, law, circumstance, "the derivative by \(named.name) in a random direction",
                    expected: own.differences, found: own.tape)
            }
        }
    }

    private mutating func checkThreads(_ expected: Figures) throws {
        let original = Parallel.threadCount
        defer { Parallel.threadCount = original }
        for count in [1, 2, 3] {
            Parallel.threadCount = count
            report.compare(.threads, "\(count) threads", expected: expected, found: try figures(objective, batch()), tolerance: 0)
        }
    }
}
