import SentenceEmbeddings
import Tables
import Training

extension ModelCard {
    typealias DatasetName = SentenceTransformerModelCardData.Dataset

    /// The datasets as the model's data name them, one a task, or else by the tasks' names.
    func datasets(_ named: [DatasetName], _ tasks: [TrainingRun.Task]) -> [DatasetName] {
        if run == nil { return named }
        return named.count == tasks.count ? named : tasks.map { DatasetName(name: $0.name) }
    }

    static func link(_ dataset: DatasetName) -> String {
        dataset.id.map { "[\(dataset.name)](https://huggingface.co/datasets/\($0))" } ?? dataset.name
    }

    /// The data of training and evaluation.
    func trainingDetails(_ run: TrainingRun) -> String {
        let kinds = [
            ("Training", "training", run.tasks, data.trainDatasets), ("Evaluation", "evaluation", run.evalTasks, data.evalDatasets),
        ]
        let sections = kinds.filter { !$0.2.isEmpty }.map { title, noun, tasks, named in
            let parts = zip(datasets(named, tasks), tasks).map { section($0, $1, noun, folded: tasks.count > 3) }
            return "### \(title) Dataset\(tasks.count > 1 ? "s" : "")\n\n" + parts.joined(separator: "\n\n")
        }
        return "## Training Details\n\n" + sections.joined(separator: "\n\n")
    }

    private static let rowsOfStatistics = 100
    private static let rowsOfSamples = 3

    private func section(_ name: DatasetName, _ task: TrainingRun.Task, _ noun: String, folded: Bool) -> String {
        let dataset = task.dataset
        let title = name.name.isEmpty ? "Unnamed Dataset" : name.name
        var columns = dataset.columns.map { (column: $0, isText: $0.hasTexts) }
        if let labels = dataset.labels { columns.append((labels, false)) }
        let names = columns.map(\.column.name)
        let revision = name.id.flatMap { id in
            name.revision.map { " at [\($0.prefix(7))](https://huggingface.co/datasets/\(id)/tree/\($0))" }
        }
        let facts =
            (name.name.isEmpty ? [] : ["* Dataset: \(Self.link(name))\(revision ?? "")"]) + [
                "* Size: \(NumberFormat.grouped(dataset.rowCount)) \(noun) samples",
                "* Columns: \(Self.list(names.map { "<code>\($0)</code>" }))",
                "* Approximate statistics based on the first \(min(dataset.rowCount, Self.rowsOfStatistics)) samples:",
            ]
        let statistics = columns.map { summary(of: $0.column, asText: $0.isText) }
        let rows = (0..<min(Self.rowsOfSamples, dataset.rowCount)).map { row in
            dataset.columns.map { Self.cell($0.field(atRow: row)) }
                + (dataset.labels.map { [$0.values(ofRows: [row]).prefix(4).map(NumberFormat.general).joined(separator: ", ")] } ?? [])
        }
        let options = task.configuration.map { "    \(Self.quoted($0.key)): \(Self.quoted($0.value))" }.joined(separator: ",\n")
        let parameters = options.isEmpty ? "" : " with these parameters:\n\n```json\n{\n\(options)\n}\n```"
        let text = """
            #### \(title)

            \(facts.joined(separator: "\n"))

            \(Self.table(
                [""] + names.map(Self.cell),
                [
                    ["type"] + statistics.map(\.type), ["modality"] + columns.map { $0.isText ? "text" : "" },
                    ["details"] + statistics.map(\.details),
                ]))

            * Samples:

            \(Self.table(names.map(Self.cell), rows))

            * Loss: `\(task.objective)`\(parameters)
            """
        return folded ? "<details><summary>\(title)</summary>\n\n\(text)\n\n</details>" : text
    }

    /// What the first rows of a column are like: lengths of texts in tokens, shares of classes, ranges of numbers.
    private func summary(of column: Dataset.Column, asText: Bool) -> (type: String, details: String) {
        let count = min(column.rowCount, Self.rowsOfStatistics)
        func list(_ items: [String]) -> String { "<ul>" + items.map { "<li>\($0)</li>" }.joined() + "</ul>" }
        func range(_ values: [Double], _ unit: String = "") -> String {
            let mean = values.reduce(0, +) / Double(max(1, values.count))
            func text(_ value: Double) -> String {
                value == value.rounded() && !unit.isEmpty
                    ? "\(Int(value))" : Self.figure((value * 100).rounded() / 100)
            }
            return list([
                "min: \(text(values.min() ?? 0))\(unit)", "mean: \(text(mean))\(unit)", "max: \(text(values.max() ?? 0))\(unit)",
            ])
        }
        if asText {
            return ("string", range(column.texts.prefix(count).map { Double(model.input.tokenize($0).count) }, " tokens"))
        }
        let rows = Array(0..<count)
        switch column.kind {
        case .numbers where column.rowShape.isEmpty && column.areIntegers:
            let values = column.values(ofRows: rows)
            let shares = Dictionary(grouping: values) { $0 }.sorted { $0.key < $1.key }.map { value, found in
                "\(Int(value)): \(found.count < count ? "~" : "")\(NumberFormat.fixed(100 * Double(found.count) / Double(count), places: 2))%"
            }
            return ("int", list(shares))
        case .numbers where column.rowShape.isEmpty: return ("float", range(column.values(ofRows: rows)))
        case .numbers: return ("list", list(["size: \(column.rowShape[0]) elements"]))
        case .numberLists: return ("list", range(column.numberLists.prefix(count).map { Double($0.count) }, " elements"))
        case .textLists: return ("list", range(column.textLists.prefix(count).map { Double($0.count) }, " elements"))
        case .texts: return ("string", "")
        }
    }
}
