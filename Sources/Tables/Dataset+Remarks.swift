extension Dataset {
    /// The usual names of columns, in the order in which losses take them.
    private static let usualOrders = [
        ["anchor", "positive", "negative"], ["query", "positive", "negative"], ["query", "answer"], ["question", "answer"],
        ["query", "document"], ["query", "passage"], ["premise", "hypothesis"], ["sentence1", "sentence2"], ["sentence_1", "sentence_2"],
        ["text1", "text2"], ["source", "target"],
    ]

    /// What is allowed but hardly meant: inputs that look like numbers of rows, and usual names in another order than losses take.
    package var remarks: [String] {
        var remarks: [String] = []
        for column in columns {
            let name = column.name.lowercased()
            if ["id", "_id", "ids", "idx", "index", "guid", "uuid"].contains(name) || name.hasSuffix("_id") || name.hasPrefix("unnamed:") {
                remarks.append(
                    "column \"\(column.name)\" looks like an id, but it is an input, as every column beside the label; "
                        + "remove it if it is none"
                )
            }
        }
        for order in Self.usualOrders {
            let places = order.compactMap { columnNames.firstIndex(of: $0) }
            guard places.count > 1, places != places.sorted() else { continue }
            let usual = order.filter(columnNames.contains)
            remarks.append(
                "the columns \(Self.list(places.sorted().map { columnNames[$0] })) "
                    + "stand in another order than usual, which is \(Self.list(usual)); "
                    + "losses take columns by their order, not by their names")
            break
        }
        return remarks
    }
}
