import Autodiff
import Datasets
import Encoders
import ModelFiles
import SentenceEmbeddings
import Tokenizers

extension SentenceTransformer {
    /// A small, untrained BERT for the built-in data: something to try things on without any files.
    ///
    /// Two layers of width 128 over a vocabulary made from the built-in training sentences; mean pooling. The weights
    /// are random, the same ones for the same seed.
    public static func builtIn(seed: UInt64 = 42) -> SentenceTransformer {
        let vocabulary = WordPieceTrainer.vocabulary(from: builtInSentences, size: 2_000)
        let configuration = BertConfiguration(
            vocabularySize: vocabulary.count, hiddenSize: 128, hiddenLayerCount: 2, attentionHeadCount: 4,
            intermediateSize: 256, maxPositionEmbeddings: 64)
        guard let model = try? BertModel(configuration, key: RandomKey(seed)) else {
            preconditionFailure("the built-in model's configuration is valid")
        }
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary, modelMaximumLength: 64)
        return SentenceTransformer(Transformer(model, tokenizer: tokenizer), [Pooling(width: 128), Normalize()])
    }

    private static var builtInSentences: [String] {
        (BuiltInData.scoredPairs(.train).columns + BuiltInData.triplets(.train).columns).flatMap(\.texts)
    }
}
