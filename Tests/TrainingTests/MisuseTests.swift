import Foundation
import Tapestry
import Testing

#if compiler(>=6.2)
    /// What a newcomer does wrong ends with a message that names it.
    struct MisuseTests {
        private struct Sharing: EmbeddingModule {
            let scale = Parameter(Tensor(2))
            init() {}
            init(folder: URL) throws {}
            func callAsFunction(_ features: Features, in context: Context) -> Features { features }
            func copied() -> Sharing { self }
        }

        private struct Vector: EmbeddingLoss {
            let inputs = LossInputs(columns: ["sentence"])
            func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor { embeddings[0].square().sum(alongAxis: 1) }
        }

        private static func message(_ result: ExitTest.Result?) -> String {
            String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        }

        @Test func aCopyThatSharesAParameter() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let encoder = SentenceTransformer.builtIn()
                _ = SentenceTransformer(encoder.input, encoder.modules + [Sharing()]).copied()
            }
            #expect(Self.message(result).contains("Sharing.copied(): the copy has a parameter of the original"), "\(Self.message(result))")
        }

        @Test func aLossOfManyNumbers() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = Vector()(LossBatch([Tensor.zeros([3, 2])]))
            }
            #expect(Self.message(result).contains("Vector: a loss is one number, not float32[3]"), "\(Self.message(result))")
        }

        /// A loss of many numbers that is no function of embeddings alone.
        private struct Rows: Loss {
            let inputs = LossInputs(columns: ["sentence"])
            func callAsFunction(_ batch: LossBatch) -> LossValue {
                LossValue(components: [("rows", batch.embeddings[0].square().sum(alongAxis: 1))])
            }
        }

        @Test(arguments: [false, true]) func anObjectiveOfManyNumbers(isCached: Bool) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [isCached] in
                let objective: any SentenceObjective = isCached ? Cached(Rows()) : LossObjective(Rows())
                let model = SentenceTransformer.builtIn()
                let batch = TrainingBatch(try Dataset(["sentence": ["a", "b", "c"]]), rows: [0, 1, 2], model: model)
                _ = try objective.valueAndGradients(model, batch, key: RandomKey(1), detectingAnomalies: false)
            }
            #expect(Self.message(result).contains("Rows: a loss is one number, not float32[3]"), "\(Self.message(result))")
        }

        @Test func aFunctionOfManyNumbers() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let model = SentenceTransformer.builtIn()
                let dataset = try Dataset(["sentence": ["a", "b", "c"]])
                let trainer = try Trainer(
                    model, dataset: dataset, arguments: TrainingArguments(outputDir: NSTemporaryDirectory() + UUID().uuidString)
                ) { model, batch, context in model(batch.tokens, in: context).requiredSentenceEmbedding }
                try trainer.train()
            }
            #expect(Self.message(result).contains("loss: a loss is one number, not float32[3, 128]"), "\(Self.message(result))")
        }

        @Test func aParameterOfAnotherShape() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Linear(inputWidth: 3, outputWidth: 2, key: nil).weight.value = Tensor.zeros([3, 2])
            }
            #expect(
                Self.message(result).contains("Parameter: a value of shape [2, 3] cannot become one of [3, 2]"), "\(Self.message(result))")
        }

        @Test func aRowThatIsNotThere() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = TrainingBatch(BuiltInData.scoredPairs(.test), rows: [0, 500], model: .builtIn())
            }
            #expect(Self.message(result).contains("TrainingBatch: needs rows of 0..<500, not [0, 500]"), "\(Self.message(result))")
        }
    }
#endif
