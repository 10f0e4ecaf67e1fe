/// Says how well two texts belong together, looking at both at once, as a cross-encoder does.
public protocol PairScorer {
    /// A score for each pair of a query and a passage; larger is better.
    func scores(of pairs: [(query: String, passage: String)]) throws -> [Float]
}
