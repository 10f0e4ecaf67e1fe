import Tapestry

/// The losses that can be trained on some columns.
struct LossChoice {
    let columns: [String]
    /// The name of the label column, if there is one.
    let label: String?
    let kinds: [LabelKind]

    /// - Parameters:
    ///   - names: All columns; one that is named as label columns are is the label.
    ///   - kind: What the label holds; nil: any of the kinds there are.
    init(_ names: [String], kind: LabelKind?) throws {
        let label = Dataset.labelNames.first(where: names.contains)
        columns = names.filter { $0 != label }
        guard !columns.isEmpty else { throw UsageError("--columns \(names.joined(separator: ",")): there is no text column") }
        if kind == LabelKind.none, let label { throw UsageError("--label none, but column \(label) is a label by its name") }
        self.label = label ?? (kind == nil || kind == LabelKind.none ? nil : "label")
        kinds = kind.map { [$0] } ?? (label == nil ? [.none] : [.class, .score, .vector])
    }

    /// Those that use the label come first.
    var entries: [ObjectiveEntry] {
        ObjectiveCatalog.entries(fitting: kinds.flatMap { $0.settings(columns: columns, label: label ?? "label") })
    }

    var text: String {
        let texts = "the text column\(columns.count == 1 ? "" : "s") \(columns.joined(separator: ", "))"
        guard let label else { return "\(texts), without labels" }
        return kinds.count == 1 ? "\(texts) and the label \(label) (\(kinds[0].rawValue))" : "\(texts) and the label \(label)"
    }

    var table: String {
        let entries = entries
        guard !entries.isEmpty else { return "No loss fits \(text)." }
        var table = TextTable("loss", "labels")
        for entry in entries {
            guard let labels = entry.inputs?.labels else { continue }
            table.addRow(entry.name, labels == .none && label != nil ? "ignored" : labels.summary)
        }
        return "Losses for \(text):\n\(table)\n" + LossTable.remark
    }
}
