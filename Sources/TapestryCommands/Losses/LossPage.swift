import Tapestry

/// All that is known of one loss.
struct LossPage: CustomStringConvertible {
    let entry: ObjectiveEntry

    var description: String {
        let (columns, labels) = LossTable.texts(entry)
        var parts = [
            [entry.name, entry.summary].filter { !$0.isEmpty }.joined(separator: "\n"),
            "columns   \(columns)\nlabels    \(labels)",
        ]
        if !entry.formula.isEmpty {
            parts.append("formula   " + entry.formula.split(separator: "\n").joined(separator: "\n          "))
        }
        if !entry.options.isEmpty {
            parts.append("\(TextTable(entry.options, of: "option"))")
        }
        if let citation = entry.citation { parts.append(citation) }
        parts.append(
            "Train with it:\n  \(program) train --model MODEL --train FILE --output FOLDER --loss \(entry.name)"
                + (shownOptions.isEmpty ? "" : " --loss-options '{\(shownOptions.joined(separator: ", "))}'"))
        return parts.joined(separator: "\n\n")
    }

    /// Those that have to be given, or the first one.
    private var shownOptions: [String] {
        let required = entry.options.filter { $0.defaultValue == nil }
        return (required.isEmpty ? Array(entry.options.prefix(1)) : required).map { "\"\($0.key)\": …" }
    }
}

extension JSONValue {
    /// An entry for programs to read.
    init(_ entry: ObjectiveEntry) {
        var object: JSONObject = ["name": .string(entry.name), "summary": .string(entry.summary), "formula": .string(entry.formula)]
        object["columns"] = entry.inputs.map { .array($0.columns.map { .string($0) }) } ?? .null
        object["allows_more_columns"] = entry.inputs.map { .bool($0.allowsMoreColumns) } ?? .null
        object["labels"] = entry.inputs.map { .string($0.labels.summary) } ?? .null
        object["options"] = .array(entry.options.map { JSONValue($0) })
        object["citation"] = entry.citation.map { .string($0) } ?? .null
        self = .object(object)
    }
}
