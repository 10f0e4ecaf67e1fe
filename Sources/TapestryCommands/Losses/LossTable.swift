import Tapestry

/// All losses by the columns and labels that they take.
struct LossTable: CustomStringConvertible {
    private let entries = ObjectiveCatalog.entries

    static let remark =
        "Around any of them: MatryoshkaLoss, AdaptiveLayerLoss, Matryoshka2dLoss. Any is cached, for large batches,\n"
        + "by the name Cached…, as in CachedMultipleNegativesRankingLoss."

    var description: String {
        var table = TextTable("columns", "labels", "loss")
        for group in groups {
            for (number, entry) in group.entries.enumerated() {
                table.addRow(number == 0 ? group.columns : "", number == 0 ? group.labels : "", entry.name)
            }
        }
        return "\(table)\n\(Self.remark)\n`\(program) losses NAME` tells of one; --columns \"anchor,positive\" which ones fit."
    }

    /// Losses of equal inputs, fewest columns first.
    private var groups: [(columns: String, labels: String, entries: [ObjectiveEntry])] {
        var groups: [(order: Int, columns: String, labels: String, entries: [ObjectiveEntry])] = []
        for entry in entries {
            let (columns, labels) = Self.texts(entry)
            if let position = groups.firstIndex(where: { $0.columns == columns && $0.labels == labels }) {
                groups[position].entries.append(entry)
            } else {
                groups.append((entry.inputs?.columns.count ?? .max, columns, labels, [entry]))
            }
        }
        return groups.enumerated().sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }
            .map { ($0.element.columns, $0.element.labels, $0.element.entries) }
    }

    /// Columns and labels in words.
    static func texts(_ entry: ObjectiveEntry) -> (columns: String, labels: String) {
        guard let inputs = entry.inputs else {
            return entry.isModifier ? ("as the loss inside", "as the loss inside") : ("by its options", "by its options")
        }
        return (inputs.columns.joined(separator: ", ") + (inputs.allowsMoreColumns ? ", …" : ""), inputs.labels.summary)
    }
}
