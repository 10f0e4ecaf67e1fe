import Tapestry

/// What a table holds, and what it can be used for.
struct DataReport: CustomStringConvertible {
    private static let bounds = [8, 16, 32, 64, 128, 256, 512]

    /// How many texts of a column have how many tokens.
    struct Lengths {
        let column: String
        /// Up to each bound, then beyond the last.
        var counts = Array(repeating: 0, count: DataReport.bounds.count + 1)
        var total = 0, longest = 0
        /// Those that the model cuts.
        var cut = 0
    }

    let rowCount: Int
    let duplicateCount: Int
    let columns: [ColumnSummary]
    /// Empty without a model.
    let lengths: [Lengths]
    private let maximumLength: Int?
    /// The losses that can be trained on all columns; nil where they are no dataset, with the reason.
    let losses: [String]?
    let inputs: [String], label: String?
    let remarks: [String]

    init(_ table: Table, model: SentenceTransformer?) throws {
        rowCount = table.rowCount
        duplicateCount = table.duplicateCount
        columns = table.columns.map(ColumnSummary.init)
        maximumLength = model?.maximumSequenceLength
        do {
            let dataset = try Dataset(table)
            let setting = LossSetting(
                textColumns: dataset.columnNames, labels: dataset.labels.map(LossSetting.Labels.init),
                embeddingDimension: model?.embeddingDimension ?? 384,
                layerCount: model?.layerCount ?? 6)
            let areTexts = dataset.columns.allSatisfy(\.hasTexts)
            losses = areTexts ? ObjectiveCatalog.entries(fitting: [setting]).map(\.name).filter { !$0.hasPrefix("Cached") } : []
            (inputs, label) = (dataset.columnNames, dataset.labels?.name)
            remarks = dataset.remarks + (areTexts ? [] : ["not all inputs are texts; losses of sentence embeddings take texts"])
        } catch let error as DatasetError {
            (losses, inputs, label, remarks) = (nil, [], nil, ["as they are, the columns cannot be trained on: \(error)"])
        }
        lengths = model.map { model in table.texts.map { Self.lengths(of: $0.texts, column: $0.name, model) } } ?? []
    }

    private static func lengths(of texts: TextColumn, column: String, _ model: SentenceTransformer) -> Lengths {
        var lengths = Lengths(column: column)
        for text in texts {
            let count = model.tokenizer.encode(text, maximumLength: nil).count
            lengths.counts[bounds.firstIndex { count <= $0 } ?? bounds.count] += 1
            lengths.total += count
            lengths.longest = max(lengths.longest, count)
            if count > model.maximumSequenceLength { lengths.cut += 1 }
        }
        return lengths
    }

    var description: String {
        var table = TextTable("column", "type", "nulls", "different", "least", "mean", "most", "of", "for example")
        for column in columns {
            func number(_ value: Double?) -> String {
                value.map { Int(exactly: $0).map(NumberFormat.grouped) ?? NumberFormat.general($0) } ?? ""
            }
            table.addRow(
                column.name, column.type, NumberFormat.grouped(column.nullCount), NumberFormat.grouped(column.distinctCount),
                number(column.range?.least), number(column.range?.mean), number(column.range?.greatest), column.unit, column.example)
        }
        var parts = [
            "\(NumberFormat.grouped(rowCount)) rows, \(NumberFormat.grouped(duplicateCount)) of them equal to an earlier one", "\(table)",
        ]
        if !lengths.isEmpty {
            parts.append(
                "Texts by their number of tokens, of which the model takes \(maximumLength == .max ? "all" : "\(maximumLength!)"):\n\(histogram)"
            )
        }
        parts += remarks.map { "Note: \($0)" }
        if let losses {
            let roles = "the inputs \(inputs.joined(separator: ", "))" + (label.map { " and the label \($0)" } ?? ", without a label")
            parts.append(losses.isEmpty ? "No loss fits \(roles)." : "Losses for \(roles):\n  " + losses.joined(separator: "\n  "))
        }
        return parts.joined(separator: "\n\n")
    }

    private var histogram: TextTable {
        let names = zip([0] + Self.bounds, Self.bounds).map { "\($0 + 1)–\($1)" } + ["more"]
        var table = TextTable(columns: (["column"] + names + ["mean", "longest", "cut"]).map { TextTable.Column($0) })
        for item in lengths {
            let count = item.counts.reduce(0, +)
            table.addRow(
                [item.column] + item.counts.map(NumberFormat.grouped)
                    + [
                        NumberFormat.fixed(Double(item.total) / Double(max(count, 1)), places: 1), "\(item.longest)",
                        NumberFormat.grouped(item.cut),
                    ])
        }
        return table
    }

    var json: JSONValue {
        func real(_ value: Double?) -> JSONValue { value.map { .real($0) } ?? .null }
        func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        return [
            "rows": .integer(rowCount), "duplicates": .integer(duplicateCount),
            "columns": .array(
                columns.map { column in
                    [
                        "name": .string(column.name), "type": .string(column.type), "nulls": .integer(column.nullCount),
                        "distinct": .integer(column.distinctCount), "unit": .string(column.unit), "least": real(column.range?.least),
                        "mean": real(column.range?.mean), "greatest": real(column.range?.greatest),
                    ]
                }),
            "tokens": .array(
                lengths.map { item in
                    let bounds = Self.bounds.map { "\($0)" } + ["more"]
                    return [
                        "column": .string(item.column), "longest": .integer(item.longest), "total": .integer(item.total),
                        "cut": .integer(item.cut),
                        "histogram": .object(JSONObject(members: zip(bounds, item.counts).map { ($0, .integer($1)) })),
                    ]
                }),
            "inputs": strings(inputs), "label": label.map { .string($0) } ?? .null, "losses": losses.map(strings) ?? .null,
            "notes": strings(remarks),
        ]
    }
}
