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
                _ = SentenceTransformer(encoder.transformer, encoder.modules + [Sharing()]).copied()
            }
            #expect(Self.message(result).contains("Sharing.copied(): the copy has a parameter of the original"), "\(Self.message(result))")
        }

        @Test func aLossOfManyNumbers() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = Vector()(LossBatch([Tensor.zeros([3, 2])]))
            }
            #expect(Self.message(result).contains("Vector: a loss is one number, not float32[3]"), "\(Self.message(result))")
        }

        @Test func aRowThatIsNotThere() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = TrainingBatch(BuiltInData.scoredPairs(.test), rows: [0, 500], model: .builtIn())
            }
            #expect(Self.message(result).contains("TrainingBatch: needs rows of 0..<500, not [0, 500]"), "\(Self.message(result))")
        }
    }
#endif
