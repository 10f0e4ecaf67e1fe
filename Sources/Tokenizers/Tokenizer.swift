import Foundation

/// Turns text into the ids of tokens that a model was trained on, and back.
public protocol Tokenizer: Sendable {
    /// The ids of `text` with the special tokens around them.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - maximumLength: Most ids to return, special tokens included; what is beyond is cut off the
    ///     end of the text (off its start where `tokenizer_config.json` says `truncation_side: left`).
    ///     `nil` cuts nothing. A maximum too small for the special tokens leaves just these.
    /// - Returns: `[S]`; no text gives the special tokens alone.
    func encode(_ text: String, maximumLength: Int?) -> [Int32]

    /// The ids of two texts as one sequence, special tokens around and between them, and each token's type: which part it
    /// belongs to, as the tokenizer's files say (with BERT 0 for `[CLS] first [SEP]` and 1 for `second [SEP]`).
    ///
    /// - Parameters:
    ///   - first: The first text.
    ///   - second: The second text.
    ///   - maximumLength: Most ids to return, special tokens included. The longer text is cut first, then both
    ///     equally, as the reference's `longest_first` does. `nil` cuts nothing.
    /// - Returns: Both `[S]`.
    func encode(_ first: String, _ second: String, maximumLength: Int?) -> (ids: [Int32], typeIDs: [Int32])

    /// The text of `ids`, as far as it can be told: lower-casing and white space are lost. Ids that stand for
    /// no token are left out, as in the reference.
    func decode(_ ids: [Int32], skippingSpecialTokens: Bool) -> String

    /// The token of every id.
    ///
    /// - Precondition: Every id stands for a token.
    func tokens(of ids: [Int32]) -> [String]

    /// The largest id + 1, added tokens included: the rows that an embedding needs.
    var vocabularySize: Int { get }

    /// `model_max_length` of `tokenizer_config.json`; `nil` when absent or so large that it means "no limit".
    var modelMaximumLength: Int? { get }

    /// The id of a token, if there is such a token.
    func id(of token: String) -> Int32?

    /// Whether an id is that of a token that plays a part, such as `[SEP]`, as `tokenizer_config.json` names them.
    func isSpecial(_ id: Int32) -> Bool

    /// The id of the padding token, if there is one.
    var padID: Int32? { get }

    /// Writes `tokenizer.json`, `tokenizer_config.json`, `special_tokens_map.json` and the vocabulary as older readers
    /// look for it (`vocab.txt`, or `vocab.json` and `merges.txt`) into a folder, which is made if missing, so that the
    /// Python library opens it. A tokenizer that was loaded from files writes the same bytes again, and adds those
    /// that were missing.
    ///
    /// - Throws: `TokenizerError`, naming the file that could not be written.
    func save(to directory: URL) throws
}
