import Foundation
import Synchronization
import Tapestry
import Testing

/// A loss or gradient that is not finite stops training, says where it came from, and changes nothing.
struct NotFiniteTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Which operation breaks.
    enum Flaw: Sendable, CaseIterable {
        /// The logarithm of a negative number: the loss itself is NaN.
        case value
        /// The square root of zero, whose slope is infinite: the loss is finite, its gradient is not.
        case derivative

        var operation: String { self == .value ? "log" : "sqrt" }
        var words: [String] { self == .value ? ["the loss is", "nan", "value of log"] : ["gradient", "derivative of sqrt"] }
    }

    /// Mean square distance, until it breaks in its third call.
    private final class BreakingLoss: EmbeddingLoss {
        let inputs = LossInputs(columns: ["sentence1", "sentence2"])
        private let flaw: Flaw
        private let calls = Atomic(0)

        init(_ flaw: Flaw) { self.flaw = flaw }

        func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
            let distance = (embeddings[0] - embeddings[1]).square().sum(alongAxis: 1)
            let call = calls.wrappingAdd(1, ordering: .relaxed).newValue
            guard call >= 3 else { return distance.mean() }
            switch flaw {
            case .value: return (-distance - 1).log().mean()
            case .derivative: return distance.mean() + (distance - distance).sqrt().mean()
            }
        }
    }

    private func failing(_ flaw: Flaw, _ model: SentenceTransformer, _ saving: IntervalStrategy) throws
        -> (error: TrainingError, recorder: StepRecorder)
    {
        let recorder = StepRecorder()
        let trainer = try Trainer(
            model, loss: BreakingLoss(flaw), dataset: pairs(),
            arguments: settings(folder) { ($0.saveStrategy, $0.saveSteps) = (saving, 100) }, callbacks: [recorder])
        let error = try #require(throws: TrainingError.self) { try trainer.train() }
        #expect(trainer.state.globalStep == 2)
        return (error, recorder)
    }

    @Test(arguments: Flaw.allCases)
    func theStepAndTheOperationAreNamed(flaw: Flaw) throws {
        let model = try model()
        let (error, recorder) = try failing(flaw, model, .steps)
        for word in ["step 3", "row 0"] + flaw.words { #expect("\(error)".contains(word), "\(error) lacks \(word)") }
        guard case .notFinite(3, _, _, let anomaly?, _, let kept?) = error else {
            Issue.record("another error: \(error)")
            return
        }
        #expect(anomaly.operation == flaw.operation)
        #expect(anomaly.shape == [8])
        // Two steps were done, the third has changed nothing.
        #expect(recorder.weightsAfterStep.keys.sorted() == [1, 2])
        #expect(weights(model) == recorder.weightsAfterStep[2])
        #expect(recorder.weightsAfterStep[1] != recorder.weightsAfterStep[2])
        // What was trained up to there is kept.
        #expect(kept == folder.file("output/checkpoint-2").path)
        #expect("\(error)".contains(kept))
        #expect(try weights(SentenceTransformer(kept)) == recorder.weightsAfterStep[2])
    }

    @Test func aLaterBatchOfTheStepIsFound() throws {
        let trainer = try Trainer(
            model(), loss: BreakingLoss(.derivative), dataset: pairs(),
            arguments: settings(folder) { ($0.saveStrategy, $0.gradientAccumulationSteps) = (.no, 3) })
        let error = try #require(throws: TrainingError.self) { try trainer.train() }
        for word in ["step 1", "derivative of sqrt", "of the batch"] { #expect("\(error)".contains(word), "\(error)") }
    }

    @Test func aParameterThatIsNotFiniteIsNamed() throws {
        let model = try model()
        let named = model.namedParameters[7]
        named.parameter.value = named.parameter.value * .nan
        let trainer = try Trainer(
            model, loss: CosineSimilarityLoss(), dataset: pairs(), arguments: settings(folder) { $0.saveStrategy = .no })
        let error = try #require(throws: TrainingError.self) { try trainer.train() }
        #expect("\(error)".contains("(parameter \(named.name))") && !"\(error)".contains("called by"), "\(error)")
    }

    @Test func nothingIsSavedWhereSavingIsOff() throws {
        let (error, _) = try failing(.value, model(), .no)
        guard case .notFinite(3, _, _, .some, _, nil) = error else {
            Issue.record("another error: \(error)")
            return
        }
        #expect(try folder.content().isEmpty)
    }
}
