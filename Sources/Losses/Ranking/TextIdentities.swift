import Autodiff
import JSON

/// Which texts of a batch are the same, so that a row's positive is never its negative under another number.
///
/// A document is a positive of row i if its text is that of the positive of row i: as a candidate it is left out, the
/// row's own positive apart. Two queries are the same if their texts are. Texts are the same if their bytes are.
public struct TextIdentities {
    /// `[C, B]`, int32: equal numbers for equal texts.
    public let tensor: Tensor
    private let numbers: [Int32]
    private let rowCount: Int

    /// - Parameter texts: One array for each text column.
    public init(_ texts: [[String]]) {
        var index = TextIndex()
        let numbers = texts.joined().map { index.number(of: $0) }
        self.init(Tensor(scalars: numbers, shape: [texts.count, texts.first?.count ?? 0]))
    }

    /// From the numbers again.
    ///
    /// - Parameter tensor: As ``tensor`` gives it: `[C, B]`, int32.
    public init(_ tensor: Tensor) {
        self.tensor = tensor
        numbers = tensor.scalars()
        rowCount = tensor.shape[1]
    }

    /// - Parameter document: Counted through the columns after the first: `k · B + j`.
    func isPositive(document: Int, of row: Int) -> Bool { numbers[rowCount + document] == numbers[rowCount + row] }

    /// The same, the row's own positive apart: a candidate that is no negative.
    func isDuplicate(document: Int, of row: Int) -> Bool { document != row && isPositive(document: document, of: row) }

    /// Whether the queries of two rows are the same text.
    public func isSameQuery(_ a: Int, _ b: Int) -> Bool { numbers[a] == numbers[b] }
}
