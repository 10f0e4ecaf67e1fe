/// The tokens of a text, or of two, with what their ids do not tell. Every list has one element for each token.
public struct Encoding: Sendable, Equatable {
    /// `[S]`.
    public var ids: [Int32] = []
    /// Which part each token belongs to, as the tokenizer's files say; `[S]`.
    public var typeIDs: [Int32] = []
    /// Which Unicode scalars of its text each token stands for, as the Python library counts them; `0..<0` for special tokens.
    public var offsets: [Range<Int>] = []
    /// Whether the tokenizer set the token around the texts.
    public var specialTokensMask: [Bool] = []
}
