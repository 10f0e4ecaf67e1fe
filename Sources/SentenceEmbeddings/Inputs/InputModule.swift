import Encoders
import Layers
import Tokenizers

/// The first module of a pipeline: it cuts texts into tokens, and makes of them embeddings of the tokens or of the whole.
public protocol InputModule: EmbeddingModule {
    /// What cuts a text for a task, `query` or `document` say, into tokens.
    func tokenizer(for task: String?) -> any Tokenizer
    /// Longest input in tokens; longer ones are cut. More than the module takes sets the most that it takes.
    var maximumSequenceLength: Int { get set }
    /// Token ids of a text, cut to the longest input. Unless the module says otherwise, those of the tokenizer, special tokens
    /// included.
    func tokenize(_ text: String, for task: String?) -> [Int32]
    /// This module, with the same parameters, as training may want it; nil where it cannot be so. Unless the module says otherwise,
    /// it is as it is.
    func training(_ settings: EncoderTraining) -> Self?
}

extension InputModule {
    /// What cuts texts into tokens where no task is named.
    public var tokenizer: any Tokenizer { tokenizer(for: nil) }
    /// Token ids of a text where no task is named.
    public func tokenize(_ text: String) -> [Int32] { tokenize(text, for: nil) }

    public func tokenize(_ text: String, for task: String?) -> [Int32] {
        tokenizer(for: task).encode(text, maximumLength: maximumSequenceLength)
    }

    public func training(_ settings: EncoderTraining) -> Self? { settings == EncoderTraining() ? self : nil }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? {
        tokenWidth == nil && sentenceWidth == nil ? nil : "it reads texts, so that it can only be the first module"
    }
}
