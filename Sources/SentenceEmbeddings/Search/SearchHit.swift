/// A row of a corpus that was found.
public struct SearchHit: Sendable, Equatable {
    /// The row, from 0.
    public let corpusID: Int
    /// How alike it is to the query.
    public let score: Float

    /// A row and its score.
    public init(corpusID: Int, score: Float) { (self.corpusID, self.score) = (corpusID, score) }
}
