import Autodiff
@testable import Encoders
import Layers
import ModelFiles
import Testing

/// Where an encoder drops out, by which numbers, and where it does not.
struct DropoutPlaceTests {
    private static let batch = TokenBatch(sequences: [[1, 5, 6, 2], [1, 7, 2], [1, 8, 9, 10, 2]], samples: [9, 4, 7])

    private func last(_ encoder: any TokenEncoder, _ batch: TokenBatch = batch, key: UInt64 = 1, trains: Bool = true) -> Tensor {
        encoder.hiddenStates(batch, in: trains ? .training(key: RandomKey(key)) : .inference).last!
    }

    private func encoder(
        _ architecture: EncoderArchitecture, hidden: Double, attention: Double
    ) -> any TokenEncoder {
        var c = EncoderConfiguration(
            architecture, vocabularySize: 12, hiddenSize: 8, hiddenLayerCount: 2, attentionHeadCount: 2, intermediateSize: 16,
            maxPositionEmbeddings: 16)
        (c.hiddenDropout, c.attentionDropout, c.initializerRange) = (hidden, attention, 0.5)
        let encoder = c.encoder(key: RandomKey(5))
        for parameter in encoder.parameters { parameter.value = parameter.value.cast(to: .float64) }
        return encoder
    }

    @Test func eachPlaceAloneChangesWhatComesOut() {
        func layer(score: Double = 0, attention: Double = 0, output: Double = 0) -> TransformerLayer {
            let layer = TransformerLayer(
                width: 8, headCount: 2, hiddenWidth: 16, scoreDropout: score, attentionDropout: attention, outputDropout: output,
                standardDeviation: 0.5, key: RandomKey(1))
            for parameter in layer.parameters { parameter.value = parameter.value.cast(to: .float64) }
            return layer
        }
        let x = Tensor.normal([12, 8], dtype: .float64, key: RandomKey(2))
        func run(_ layer: TransformerLayer, _ context: Context) -> Tensor {
            layer(x, Self.batch, in: context.addressing(Self.batch.tokenAddresses))
        }
        let plain = run(layer(), .inference)
        #expect(run(layer(), .training(key: RandomKey(3))) == plain)
        for noisy in [layer(score: 0.5), layer(attention: 0.5), layer(output: 0.5)] {
            #expect(run(noisy, .inference) == plain)
            #expect(
                run(noisy, .training(key: RandomKey(3))) != plain
                    && run(noisy, .training(key: RandomKey(3))) != run(noisy, .training(key: RandomKey(4))))
        }
        let embeddings = TokenEmbeddings(vocabularySize: 12, width: 8, positionCount: 9, dropout: 0.5, key: RandomKey(1))
        #expect(embeddings(Self.batch, in: .training(key: RandomKey(3))).values.count { $0 == 0 } > 20)
        #expect(!embeddings(Self.batch, in: .inference).values.contains(0))
    }

    /// DistilBERT has none between the attention and the sum; BERT and RoBERTa have.
    @Test func architecturesDropOutWhereTheirModelsDo() throws {
        for architecture in [EncoderArchitecture.bert, .roberta, .xlmRoberta, .camembert, .distilbert, .electra, .ernie] {
            let encoder = try #require(encoder(architecture, hidden: 0.4, attention: 0.2) as? TransformerEncoder)
            for layer in encoder.layers {
                let layer = try #require(layer as? TransformerLayer)
                #expect(layer.attention.dropoutRate == 0.2 && layer.outputDropout.rate == 0.4)
                #expect(layer.attentionDropout.rate == (architecture == .distilbert ? 0 : 0.4), "\(architecture.modelType)")
            }
            #expect(encoder.embeddings.dropout.rate == 0.4)
        }
    }

    /// A token draws by its sample and its place in the text, in whatever batch it comes.
    @Test(arguments: [EncoderArchitecture.bert, .roberta, .distilbert].map(\.modelType)) func tokensDrawBySampleAndPlace(_ name: String) {
        let encoder = encoder(EncoderArchitecture.all.first { $0.modelType == name }!, hidden: 0.3, attention: 0.3)
        let whole = last(encoder), offsets = Self.batch.offsets
        let part = Self.batch.sequences([2, 0])
        #expect(part.samples == [7, 9])
        #expect(last(encoder, part).maximumDifference(to: .concatenating([whole.sliced(offsets[2]), whole.sliced(offsets[0])])) < 1e-12)
        #expect(last(encoder, key: 2) != whole && last(encoder, trains: false) != whole)
        // The same text as another sample draws otherwise; two equal tokens of one text do, too.
        let twice = TokenBatch(sequences: [[1, 5, 5, 2], [1, 5, 5, 2]], samples: [1, 2])
        let states = last(encoder, twice)
        #expect(states.sliced(0..<4) != states.sliced(4..<8))
        let addresses = twice.tokenAddresses
        #expect(addresses.samples == [1, 1, 1, 1, 2, 2, 2, 2] && addresses.positions == [0, 1, 2, 3, 0, 1, 2, 3])
        #expect(twice.sequenceAddresses.samples == [1, 2] && twice.sequenceAddresses.positions == [0, 0])
    }

    @Test func rowsOfABatchAreAddressedInTheEmbeddingsToo() {
        // Only the embeddings drop out here.
        let embeddings = TokenEmbeddings(vocabularySize: 12, width: 8, positionCount: 9, dropout: 0.5, key: RandomKey(1))
        func zeros(_ batch: TokenBatch) -> [[Bool]] {
            embeddings(batch, in: Context.training(key: RandomKey(3)).addressing(batch.tokenAddresses)).rows.map { $0.map { $0 == 0 } }
        }
        let whole = zeros(Self.batch), offsets = Self.batch.offsets
        #expect(zeros(Self.batch.sequences([1])) == Array(whole[offsets[1]]))
    }

    @Test func positionsOfRobertaSkipThePadding() {
        let batch = TokenBatch(sequences: [[0, 1, 5, 1, 6], [1, 1], [4]])
        #expect(batch.positions(skipping: 1) == [2, 1, 3, 1, 4, 1, 1, 2])
        #expect(batch.positions == [0, 1, 2, 3, 4, 0, 1, 0])
        #expect(TokenEmbeddings(vocabularySize: 3, width: 2, positionCount: 9, positionPadding: 1, key: nil).maximumLength == 7)
        #expect(TokenEmbeddings(vocabularySize: 3, width: 2, positionCount: 9, key: nil).maximumLength == 9)
    }

    @Test func cutEncodersSayHowManyLayersTheyHave() throws {
        let encoder = encoder(.bert, hidden: 0, attention: 0)
        let one = encoder.truncated(toLayers: 1)
        #expect(one.layerCount == 1 && one.configuration.hiddenLayerCount == 1 && one.copied().layerCount == 1)
        #expect(last(one, trains: false) == encoder.hiddenStates(Self.batch, in: .inference)[1])
        // Types: the first one, where a batch tells none.
        let told = TokenBatch(sequences: [[1, 5], [6]], typeIDs: [[0, 0], [0]])
        let other = TokenBatch(sequences: [[1, 5], [6]], typeIDs: [[0, 1], [1]])
        let none = TokenBatch(sequences: [[1, 5], [6]])
        #expect(
            last(encoder, told, trains: false) == last(encoder, none, trains: false)
                && last(encoder, other, trains: false) != last(encoder, none, trains: false))
    }

    @Test func bothNamesOfATypeAreWritten() {
        var c = EncoderConfiguration(vocabularySize: 12, hiddenSize: 8, hiddenLayerCount: 2, attentionHeadCount: 2, intermediateSize: 16)
        for keys in [["dtype"], ["torch_dtype"], ["dtype", "torch_dtype"], []] {
            for key in ["dtype", "torch_dtype"] { c.unknownKeys[key] = keys.contains(key) ? "float16" : nil }
            let named = c.naming(.float32)
            for key in ["dtype", "torch_dtype"] { #expect(named.unknownKeys[key] == (keys.contains(key) ? "float32" : nil)) }
        }
    }
}
