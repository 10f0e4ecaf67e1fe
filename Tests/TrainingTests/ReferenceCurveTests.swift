import Foundation
import Tapestry
import Testing

/// Training follows the reference step by step: its plain loop, and its trainer with sampler, schedule and log.
struct ReferenceCurveTests {
    private func isClose(_ ours: Double, _ theirs: Double) -> Bool {
        abs(ours - theirs) <= 1e-4 * abs(theirs) + 1e-5
    }

    private func number(_ value: JSONValue?) throws -> Double {
        switch value {
        case .integer(let integer)?: Double(integer)
        case .number(let number)?: number.doubleValue
        default: throw TrainingArgumentError("the fixture holds no number where one is needed")
        }
    }

    private func objects(_ value: JSONValue?) throws -> [JSONObject] {
        guard case .array(let values)? = value else { throw TrainingArgumentError("the fixture holds no list") }
        return values.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    @Test(arguments: ["CosineSimilarityLoss", "CoSENTLoss"])
    func thirtyStepsHaveTheReferencesLossesAndGradientNorms(loss: String) throws {
        let curve = try objects(JSONFile.readObject(fixture("training/curves.json"))[loss])
        try #require(curve.count == 30)
        let (model, dataset) = (try model(), try pairs())
        let objective = LossObjective(try LossCatalog.loss(named: loss))
        let optimizer = Optimizer(AdamW(), parameters: model.namedParameters)
        let schedule = LearningRateSchedule.linear(warmupSteps: 3, totalSteps: 30)
        for (step, entry) in curve.enumerated() {
            let rows = (0..<8).map { (step * 8 + $0) % dataset.rowCount }
            let batch = TrainingBatch(dataset, rows: rows, model: model)
            let result = try objective.valueAndGradients(model, batch, key: RandomKey(0), detectingAnomalies: false)
            let (value, gradients) = (result.loss, result.gradients)
            let rate = 2e-3 * schedule.factor(step)
            let norm = optimizer.step(gradients, learningRate: rate, maximumNorm: 1)
            let (theirValue, theirNorm) = (try number(entry["loss"]), try number(entry["grad_norm"]))
            #expect(isClose(value, theirValue), "step \(step): loss \(value), \(theirValue)")
            #expect(isClose(norm, theirNorm), "step \(step): norm \(norm), \(theirNorm)")
            #expect(abs(rate - (try number(entry["learning_rate"]))) < 1e-12, "step \(step)")
        }
    }

    @Test(arguments: [
        ("CosineSimilarityLoss", "pairs.csv", BatchSamplers.batchSampler), ("CoSENTLoss", "pairs.csv", .batchSampler),
        ("MultipleNegativesRankingLoss", "anchors.csv", .noDuplicates),
    ])
    func theTrainersLogIsTheReferences(loss: String, data: String, sampler: BatchSamplers) throws {
        guard case .object(let run)? = try JSONFile.readObject(fixture("training/trainer_log.json"))[loss] else {
            throw TrainingArgumentError("the fixture lacks \(loss)")
        }
        #expect(run["batch_sampler"] == .string(sampler.rawValue))
        let expected = try objects(run["log_history"])
        let folder = try TemporaryFolder()
        let trainer = try Trainer(
            model(), loss: LossCatalog.loss(named: loss), dataset: Dataset(contentsOf: fixture("training/\(data)")),
            arguments: settings(folder, epochs: 2) {
                $0.learningRate = 2e-3
                $0.warmupSteps = 0.1
                $0.loggingSteps = 1
                $0.batchSampler = sampler
            })
        let summary = try trainer.train()
        let history = trainer.state.logHistory
        try #require(history.count == expected.count)
        for (ours, theirs) in zip(history, expected) {
            #expect(ours.values.map(\.key) + ["step"] == theirs.keys)
            #expect(Double(ours.step) == (try number(theirs["step"])))
            for (key, value) in ours.values where !Self.dependOnTheMachine.contains(key) {
                #expect(isClose(value, try number(theirs[key])), "step \(ours.step), \(key): \(value), \(theirs[key]!)")
            }
        }
        #expect(history.last?.values.map(\.key) == summary.map(\.key))
        for key in Self.dependOnTheMachine { #expect(history.last?[key] ?? 0 > 0, "\(key)") }
    }

    private static let dependOnTheMachine = ["train_runtime", "train_samples_per_second", "train_steps_per_second"]
}
