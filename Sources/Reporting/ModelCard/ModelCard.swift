import Foundation
import JSON
import Losses
import SentenceEmbeddings
import Training

/// The README.md of a model: what it is, how it is used, what it was trained on and with, and whom to cite.
///
/// Sections, front matter and tables are those that model pages of Sentence Transformers have, so that hubs understand
/// them. What training cannot know, `modelCardData` of the model says.
public struct ModelCard {
    let model: SentenceTransformer
    /// Nil: the model was not trained here.
    let run: TrainingRun?
    let examples: [[String]]

    var data: SentenceTransformerModelCardData { model.modelCardData }
    var tasks: [TrainingRun.Task] { run?.tasks ?? [] }

    /// The card of a model and the run that trained it.
    public init(model: SentenceTransformer, run: TrainingRun) {
        (self.model, self.run) = (model, run)
        let source = run.evalTasks.isEmpty ? run.tasks : run.evalTasks
        examples = model.modelCardData.generateWidgetExamples ? Self.examples(of: source.map(\.dataset)) : []
    }

    /// The card of a model of which no training is known.
    public init(model: SentenceTransformer) { (self.model, run, examples) = (model, nil, []) }

    /// The text of README.md.
    public var markdown: String {
        var sections: [String?] = [frontMatter, introduction, details, usage, evaluation]
        if let run { sections += [trainingDetails(run), hyperparameters(run), logs(run), impact(run), time(run)] }
        sections += [versions, citations]
        return sections.compactMap(\.self).joined(separator: "\n\n") + "\n"
    }

    /// The card's title.
    var title: String { data.modelName ?? "SentenceTransformer" + (data.baseModel.map { " based on \($0)" } ?? "") }

    // MARK: What it is

    private var introduction: String {
        let base = data.baseModel.map { ", finetuned from [\($0)](https://huggingface.co/\($0))" } ?? ""
        let names = datasets(data.trainDatasets, tasks).map(Self.link).filter { !$0.isEmpty }
        let trained = names.isEmpty ? "" : (base.isEmpty ? ", trained" : "") + " on \(Self.list(names))"
        return """
            # \(title)

            A [sentence-transformers](https://www.SBERT.net) model\(base)\(trained). It maps a text to a vector of \
            \(model.embeddingDimension) numbers; texts that mean alike have vectors that are near. It is meant for \(data.taskName).
            """
    }

    private var details: String {
        var facts = ["**Model Type:** Sentence Transformer"]
        if let base = data.baseModel {
            facts.append(
                "**Base model:** [\(base)](https://huggingface.co/\(base))"
                    + (data.baseModelRevision.map { " <!-- at revision \($0) -->" } ?? ""))
        }
        facts += [
            "**Maximum Sequence Length:** \(model.maximumSequenceLength == .max ? "inf" : "\(model.maximumSequenceLength)") tokens",
            "**Output Dimensionality:** \(model.embeddingDimension) dimensions", "**Similarity Function:** \(similarityName)",
            model.takesImages ? "**Supported Modalities:** Text, Image" : "**Supported Modality:** Text",
            "**Parameters:** \(NumberFormat.grouped(model.parameterCount))",
        ]
        let names = datasets(data.trainDatasets, tasks).map(Self.link).filter { !$0.isEmpty }
        if !names.isEmpty { facts.append("**Training Dataset\(names.count > 1 ? "s" : ""):** \(names.joined(separator: ", "))") }
        if !data.language.isEmpty {
            facts.append("**Language\(data.language.count > 1 ? "s" : ""):** \(data.language.joined(separator: ", "))")
        }
        if let license = data.license { facts.append("**License:** \(license)") }
        let modules = model.allModules.enumerated().map { "  (\($0)): \($1.className)(\($1.summary))" }.joined(separator: "\n")
        return """
            ## Model Details

            ### Model Description

            \(facts.map { "- " + $0 }.joined(separator: "\n"))

            ### Model Sources

            - **Documentation:** [Sentence Transformers Documentation](https://sbert.net)
            - **Repository:** [Sentence Transformers on GitHub](https://github.com/huggingface/sentence-transformers)
            - **Hugging Face:** [Sentence Transformers on Hugging Face](https://huggingface.co/models?library=sentence-transformers)

            ### Full Model Architecture

            ```
            SentenceTransformer(
            \(modules)
            )
            ```
            """
    }

    private var similarityName: String {
        switch model.similarityFunction {
        case .cosine: "Cosine Similarity"
        case .dot: "Dot Product"
        case .euclidean: "Euclidean Distance"
        case .manhattan: "Manhattan Distance"
        }
    }

    // MARK: Versions and papers

    private var versions: String {
        """
        ### Framework Versions

        - Tapestry (Swift \(Self.swiftVersion))
        """
    }

    private static var swiftVersion: String {
        #if swift(>=6.4)
            "6.4 or newer"
        #elseif swift(>=6.3)
            "6.3"
        #elseif swift(>=6.2)
            "6.2"
        #else
            "6"
        #endif
    }

    private var citations: String {
        var entries: [(names: [String], text: String)] = [(["Sentence Transformers"], Citations.sentenceBERT)]
        for task in tasks {
            for text in task.citation?.components(separatedBy: "\n\n") ?? [] {
                if let i = entries.firstIndex(where: { $0.text == text }) {
                    if !entries[i].names.contains(task.objective) { entries[i].names.append(task.objective) }
                } else {
                    entries.append(([task.objective], text))
                }
            }
        }
        let parts = entries.map { "#### \(Self.list($0.names))\n\n```bibtex\n\($0.text)\n```" }
        return "## Citation\n\n### BibTeX\n\n" + parts.joined(separator: "\n\n")
    }

    // MARK: Words

    static func list(_ words: [String]) -> String {
        words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words.last!
    }

    /// A table of Markdown.
    ///
    /// - Parameter centered: Whether columns are centered, as those of numbers are.
    static func table(_ header: [String], _ rows: [[String]], centered: Bool = false) -> String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let rule = "|" + String(repeating: centered ? ":---:|" : ":---|", count: header.count)
        return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
    }

    /// A text within a cell of a table.
    static func cell(_ text: String) -> String {
        let short = text.count > 120 ? text.prefix(119) + "…" : text[...]
        return short.replacingOccurrences(of: "|", with: "\\|").split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// A text as Swift, Python and JSON all spell it.
    static func quoted(_ text: String) -> String {
        let spellable = text.unicodeScalars.map { $0 == "\n" || $0 == "\t" || $0.value >= 0x20 ? $0 : " " }
        return JSONValue.string(String(String.UnicodeScalarView(spellable))).serialized(.compact)
    }

    /// A number of a log, at most four digits after the point.
    static func figure(_ value: Double) -> String {
        let text = NumberFormat.fixed(value, places: 4)
        guard text.contains(".") else { return text }
        let short = String(text.reversed().drop { $0 == "0" }.reversed())
        return short.hasSuffix(".") ? short + "0" : short
    }
}
