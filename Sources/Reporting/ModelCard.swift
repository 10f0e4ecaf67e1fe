import Foundation
import JSON
import Losses
import SentenceEmbeddings
import Training

/// The README.md of a trained model: what it is, how it is used, what it was trained on and with, and whom to cite.
///
/// Sections and front matter are those that model pages of Sentence Transformers have, so that hubs understand them.
public struct ModelCard {
    private let model: SentenceTransformer
    private let tasks: [TrainingRun.Task]
    private let arguments: TrainingArguments
    private let state: TrainerState

    /// The card of a model and the run that trained it.
    public init(model: SentenceTransformer, run: TrainingRun) {
        self.model = model
        (tasks, arguments, state) = (run.tasks, run.arguments, run.state)
    }

    /// The text of README.md.
    public var markdown: String {
        [frontMatter, introduction, details, usage, training, logs, citations].compactMap { $0 }.joined(separator: "\n\n") + "\n"
    }

    private var frontMatter: String {
        """
        ---
        library_name: sentence-transformers
        tags:
        - sentence-transformers
        - sentence-similarity
        - feature-extraction
        - dense
        - generated_from_trainer
        - dataset_size:\(tasks.reduce(0) { $0 + $1.dataset.rowCount })
        \(tasks.map { "- loss:\($0.objective)" }.joined(separator: "\n"))
        pipeline_tag: sentence-similarity
        ---
        """
    }

    private var introduction: String {
        """
        # Sentence embedding model

        It maps a text to a vector of \(model.embeddingDimension) numbers; texts that mean alike have vectors that are near.
        """
    }

    private var details: String {
        let modules = model.allModules.map { "- \($0.className): \($0.summary)" }.joined(separator: "\n")
        return """
            ## Model Details

            - **Maximum Sequence Length:** \(model.maximumSequenceLength) tokens
            - **Output Dimensionality:** \(model.embeddingDimension) dimensions
            - **Similarity Function:** \(model.similarityFunction.rawValue)
            - **Parameters:** \(NumberFormat.grouped(model.parameterCount))

            \(modules)
            """
    }

    private var usage: String {
        let sentences = tasks[0].dataset.columns.prefix(3).compactMap(\.texts.first).map { Self.quoted($0) }.joined(separator: ", ")
        return """
            ## Usage

            ```swift
            import Tapestry

            let model = try SentenceTransformer("path/of/this/folder")
            let embeddings = model.encode([\(sentences)])
            print(model.similarity(embeddings, embeddings))
            ```

            ```python
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer("path/of/this/folder")
            embeddings = model.encode([\(sentences)])
            print(model.similarity(embeddings, embeddings))
            ```
            """
    }

    private var training: String {
        let changed = zip(arguments.keysAndValues, TrainingArguments().keysAndValues).filter {
            $0.value != $1.value && $0.key != "output_dir"
        }
        return """
            ## Training Details

            \(tasks.map(data).joined(separator: "\n\n"))

            ### Training Hyperparameters

            \(changed.isEmpty ? "All have their defaults." : changed.map { "- `\($0.0.key)`: \($0.0.value)" }.joined(separator: "\n"))
            """
    }

    /// A dataset and what it was trained with.
    private func data(_ task: TrainingRun.Task) -> String {
        let dataset = task.dataset
        let columns = dataset.columnNames + (dataset.labels.map { [$0.name] } ?? [])
        let rows = (0..<min(3, dataset.rowCount)).map { row in
            let texts = dataset.columns.map { Self.cell($0.field(atRow: row)) }
            let label = dataset.labels.map { [$0.values(ofRows: [row]).prefix(4).map(NumberFormat.general).joined(separator: ", ")] } ?? []
            return "| " + (texts + label).joined(separator: " | ") + " |"
        }
        let options = task.configuration.map { "    \(Self.quoted($0.key)): \(Self.quoted($0.value))" }.joined(separator: ",\n")
        return """
            ### Training Dataset\(task.name.isEmpty ? "" : " " + task.name)

            - Size: \(NumberFormat.grouped(dataset.rowCount)) training samples
            - Columns: \(columns.map { "`\($0)`" }.joined(separator: ", "))
            - Samples:

            | \(columns.map(Self.cell).joined(separator: " | ")) |
            |\(String(repeating: " --- |", count: columns.count))
            \(rows.joined(separator: "\n"))

            - Loss: `\(task.objective)` with these parameters:

            ```json
            {
            \(options)
            }
            ```
            """
    }

    /// What was logged during training; none before the first log.
    private var logs: String? {
        let entries = state.logHistory.filter { $0["train_runtime"] == nil }
        let hidden = ["epoch", "grad_norm", "learning_rate"]
        var seen = Set<String>()
        let keys = entries.flatMap(\.values).map(\.key).filter { key in
            !hidden.contains(key) && !key.hasSuffix("_runtime") && !key.hasSuffix("_per_second") && seen.insert(key).inserted
        }
        guard !entries.isEmpty else { return nil }
        let rows = entries.map { entry in
            let figures = keys.map { entry[$0].map { NumberFormat.fixed($0, places: 4) } ?? "-" }
            return "| " + ([NumberFormat.fixed(entry["epoch"] ?? 0, places: 2), "\(entry.step)"] + figures).joined(separator: " | ") + " |"
        }
        return """
            ### Training Logs

            | Epoch | Step | \(keys.joined(separator: " | ")) |
            |\(String(repeating: " --- |", count: keys.count + 2))
            \(rows.joined(separator: "\n"))
            """
    }

    private var citations: String {
        let losses = tasks.compactMap(\.citation).flatMap { $0.components(separatedBy: "\n\n") }
        var seen = Set<String>()
        let all = ([Citations.sentenceBERT] + losses).filter { seen.insert($0).inserted }.joined(separator: "\n\n")
        return "## Citation\n\n```bibtex\n\(all)\n```"
    }

    /// A text within a cell of a table.
    private static func cell(_ text: String) -> String {
        let short = text.count > 120 ? text.prefix(119) + "…" : text[...]
        return short.replacingOccurrences(of: "|", with: "\\|").split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// A text as Swift, Python and JSON all spell it.
    private static func quoted(_ text: String) -> String {
        let spellable = text.unicodeScalars.map { $0 == "\n" || $0 == "\t" || $0.value >= 0x20 ? $0 : " " }
        return JSONValue.string(String(String.UnicodeScalarView(spellable))).serialized(.compact)
    }
}
