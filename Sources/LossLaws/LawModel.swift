import Autodiff
import Encoders
import Layers
import ModelFiles
import SentenceEmbeddings
import Tokenizers

extension SentenceTransformer {
    /// A BERT of two layers with random weights in float64, and a vocabulary of the words that samples are made of.
    static func forLaws(width: Int, dropout: Double, key: RandomKey) -> SentenceTransformer {
        let vocabulary = WordPieceTrainer.vocabulary(from: SampleMaker.words, size: 120)
        var configuration = EncoderConfiguration(
            vocabularySize: vocabulary.count, hiddenSize: width, hiddenLayerCount: 2, attentionHeadCount: width % 2 == 0 ? 2 : 1,
            intermediateSize: 2 * width, maxPositionEmbeddings: 48)
        configuration.hiddenDropout = dropout
        configuration.attentionDropout = dropout
        // Larger than usual: all parts of so narrow a model shall count.
        configuration.initializerRange = 0.3
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary, modelMaximumLength: 48)
        let model = SentenceTransformer(Transformer(configuration.encoder(key: key), tokenizer: tokenizer), [Pooling(width: width)])
        for parameter in model.parameters { parameter.value = parameter.value.cast(to: .float64) }
        return model
    }
}
