import Autodiff

/// A second model, whose opinion of a batch's texts a loss asks for. It is never trained.
public protocol Guide: Sendable {
    /// `[N, Dg]`, one row for each text; the width is the guide's own.
    func embeddings(of texts: [String]) -> Tensor

    /// In a few words, for reports.
    var summary: String { get }

    /// Equal for guides and models that make the same tokens of a text; nil where there are no tokens.
    var vocabularyFingerprint: UInt64? { get }
}

extension Guide {
    public var summary: String { String(describing: type(of: self)) }
    public var vocabularyFingerprint: UInt64? { nil }
}
