/// What a loss takes from a dataset, so that one that does not fit is refused before training starts.
public struct LossInputs: Sendable, Equatable {
    /// What the loss does with a label column.
    public enum Labels: Sendable, Equatable {
        /// It has no use for one, and takes no notice of one.
        case none
        /// One number a row.
        case scores
        /// One number a row, within bounds.
        case scoresWithin(ClosedRange<Double>)
    }

    /// Usual names of the text columns, for messages; only their order counts.
    public var columns: [String]
    /// Whether more columns like the last may follow.
    public var allowsMoreColumns: Bool
    public var labels: Labels
    /// The least rows that a batch needs for the loss to mean anything.
    public var minimumRows: Int

    public init(columns: [String], allowsMoreColumns: Bool = false, labels: Labels = .none, minimumRows: Int = 1) {
        self.columns = columns
        self.allowsMoreColumns = allowsMoreColumns
        self.labels = labels
        self.minimumRows = minimumRows
    }

    /// Says no in one sentence when columns do not fit.
    ///
    /// - Parameters:
    ///   - loss: The loss's name, for the message.
    ///   - textColumns: Names of the dataset's text columns, in order.
    ///   - labelColumn: Name of its label column, if it has one.
    /// - Throws: ``LossInputError``.
    public func check(loss: String, textColumns: [String], labelColumn: String?) throws {
        let fits = allowsMoreColumns ? textColumns.count >= columns.count : textColumns.count == columns.count
        let found = textColumns.isEmpty ? "none" : textColumns.joined(separator: ", ")
        guard fits else {
            let surplus = textColumns.count > columns.count
                ? "; remove the columns that are no inputs" : ""
            throw LossInputError("\(loss) takes \(columns.count)\(allowsMoreColumns ? " or more" : "") text columns "
                + "(\(columns.joined(separator: ", "))), but the dataset has \(textColumns.count): \(found)\(surplus)")
        }
        if labels != .none && labelColumn == nil {
            throw LossInputError("\(loss) needs a label for each row: a numeric column named label, labels, score or "
                + "scores; the dataset has the text columns \(found) and no such column")
        }
    }
}

/// A dataset that a loss cannot work with.
public struct LossInputError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String

    public init(_ description: String) { self.description = description }
}
