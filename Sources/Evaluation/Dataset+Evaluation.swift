import Tables

extension Dataset {
    /// The labels, where there are two columns and a label.
    ///
    /// - Parameters:
    ///   - label: What the evaluator calls it.
    ///   - purpose: Who asks, for the message.
    func labelsOfPairs(called label: String, for purpose: String) throws -> Column {
        guard columns.count == 2, let labels else {
            throw DatasetError(
                "\(purpose) takes two text columns and a \(label), but there are the text columns "
                    + "\(columnNames.joined(separator: ", ")) and \(self.labels == nil ? "no" : "a") \(label)", source: source)
        }
        return labels
    }

    /// Checks that there are as many columns as roles, and that all hold texts.
    ///
    /// - Parameters:
    ///   - count: Their number, in words.
    ///   - roles: What the evaluator calls them.
    ///   - purpose: Who asks, for the message.
    func requireTexts(_ count: String, _ roles: [String], for purpose: String) throws {
        guard columns.count == roles.count else {
            throw DatasetError(
                "\(purpose) takes \(count) text columns (\(roles.joined(separator: ", "))), but there are "
                    + columnNames.joined(separator: ", "), source: source)
        }
        try requireTexts(for: purpose)
    }
}
