import Autodiff
import Encoders
import Foundation
import ModelFiles
import Requirements
import SampleData
import SentenceEmbeddings
import Tables
import Tokenizers

extension SentenceTransformer {
    /// The folder of the model that comes with this library; Sentence Transformers opens it, too.
    ///
    /// It is looked for in `../share/tapestry` from the program, beside the program, and in the sources of the library.
    public static var builtInFolder: URL { Resources.url("BuiltInModel") }

    /// The small encoder that comes with this library: a BERT distilled from all-MiniLM-L6-v2, for English.
    ///
    /// What it was made from and what it can do is told in `README.md` in `builtInFolder`; the experiment
    /// `DistilBuiltIn` makes it. Traps where the folder is gone, as `SentenceTransformer(builtInFolder.path)` would throw.
    public static func builtIn() -> SentenceTransformer {
        do {
            return try SentenceTransformer(builtInFolder.path)
        } catch {
            refuse("the built-in model cannot be opened: \(error)")
        }
    }

    /// A small BERT with random weights, the same ones for the same seed: to train from nothing.
    ///
    /// Two layers of width 128 over a vocabulary made from the built-in training sentences; mean pooling.
    public static func untrained(seed: UInt64 = 42) -> SentenceTransformer {
        let vocabulary = WordPieceTrainer.vocabulary(from: builtInSentences, size: 2_000)
        let configuration = EncoderConfiguration(
            vocabularySize: vocabulary.count, hiddenSize: 128, hiddenLayerCount: 2, attentionHeadCount: 4,
            intermediateSize: 256, maxPositionEmbeddings: 64)
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary, modelMaximumLength: 64)
        return SentenceTransformer(
            Transformer(configuration.encoder(key: RandomKey(seed)), tokenizer: tokenizer), [Pooling(width: 128), Normalize()])
    }

    private static var builtInSentences: [String] {
        (BuiltInData.scoredPairs(.train).columns + BuiltInData.triplets(.train).columns).flatMap(\.texts)
    }
}
