import Autodiff

/// Why embeddings or settings cannot be searched, mined or clustered: what was found, and what would be right.
public struct SearchError: Error, CustomStringConvertible, Sendable, Equatable {
    /// One sentence.
    public let description: String

    /// An error of one sentence.
    public init(_ description: String) { self.description = description }

    /// - Throws: ``SearchError`` that names the first row with a number that is not finite.
    static func checkFinite(_ rows: Tensor, of name: String, firstRow: Int = 0) throws {
        guard !rows.isFinite, let place = rows.values.firstIndex(where: { !$0.isFinite }) else { return }
        throw SearchError("row \(firstRow + place / rows.shape[1]) of the \(name) holds \(rows.values[place]); embeddings must be finite")
    }
}
