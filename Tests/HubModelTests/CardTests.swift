import Foundation
import JSON
import Tapestry
import Testing
import YAML

/// The card of a trained model, by its parts.
struct CardTests {
    private struct Emissions: Sendable {
        static let figures = CarbonEmissions(emissions: 12.5, energyConsumed: 0.25, cpuModel: "A processor", ramTotalSize: 16)
    }

    private final class Meter: EmissionsCallback {
        var emissions: CarbonEmissions? { Emissions.figures }
    }

    private func text(_ change: (inout SentenceTransformerModelCardData) -> Void = { _ in }) throws -> String {
        let scene = try Scene()
        var model = try SentenceTransformer(fixtureModel.path)
        change(&model.modelCardData)
        let pairs = try pairs()
        let evaluator = SequentialEvaluator([
            try EmbeddingSimilarityEvaluator(pairs, name: "sts-dev"), try EmbeddingSimilarityEvaluator(pairs, name: "sts-test"),
            try TranslationEvaluator(pairs),
        ])
        let arguments = TrainingArguments(outputDir: scene.file("out").path, learningRate: 1e-3) {
            ($0.maxSteps, $0.loggingSteps, $0.evalStrategy, $0.evalSteps, $0.saveSteps) = (4, 1, .steps, 2, 2)
            ($0.loadBestModelAtEnd, $0.metricForBestModel) = (true, "sts-dev_spearman_cosine")
        }
        let trainer = try Trainer(
            model, tasks: [TrainingTask(pairs, loss: CoSENTLoss())], evalTasks: [TrainingTask(pairs, loss: CoSENTLoss())],
            evaluator: evaluator, arguments: arguments, callbacks: [Meter()])
        try trainer.train()
        try trainer.saveModel(to: scene.file("final").path)
        return try String(contentsOf: scene.file("final/README.md"), encoding: .utf8)
    }

    private func frontMatter(_ text: String) throws -> JSONObject {
        let parts = text.components(separatedBy: "---\n")
        guard parts.count > 2, parts[0].isEmpty, case .object(let object) = try JSONValue(yaml: parts[1]) else {
            Issue.record("no front matter: \(text.prefix(200))")
            return [:]
        }
        return object
    }

    @Test func theFrontMatterHasTheFieldsKeys() throws {
        let object = try frontMatter(
            text { data in
                (data.language, data.license, data.modelName) = (["en", "de"], "apache-2.0", "A: model # of \"mine\"")
                (data.baseModel, data.trainDatasets) = ("owner/base", [.init(name: "Pairs", id: "owner/pairs")])
            })
        #expect(
            object.keys == [
                "language", "license", "library_name", "tags", "datasets", "metrics", "pipeline_tag", "widget", "model-index",
                "co2_eq_emissions", "base_model",
            ])
        #expect(object["language"] == ["en", "de"] && object["datasets"] == ["owner/pairs"] && object["base_model"] == "owner/base")
        #expect(
            object["tags"] == [
                "sentence-transformers", "sentence-similarity", "feature-extraction", "dense", "generated_from_trainer", "dataset_size:40",
                "loss:CoSENTLoss",
            ])
        #expect(
            object["metrics"] == ["pearson_cosine", "spearman_cosine", "src2trg_accuracy", "trg2src_accuracy", "mean_accuracy"])
        guard case .array(let index)? = object["model-index"], case .object(let entry)? = index.first,
            case .array(let results)? = entry["results"],
            case .object(let first)? = results.first, case .array(let widget)? = object["widget"], case .object(let example)? = widget.first
        else {
            Issue.record("\(object)")
            return
        }
        #expect(entry["name"] == "A: model # of \"mine\"" && results.count == 3)
        #expect(first["task"] == ["type": "semantic-similarity", "name": "Semantic Similarity"])
        #expect(first["dataset"] == ["name": "sts dev", "type": "sts-dev"])
        #expect(widget.count == 5 && example.keys == ["source_sentence", "sentences"])
    }

    @Test func sectionsAndTablesAreTheFields() throws {
        let text = try text { ($0.license, $0.modelID) = ("mit", "me/mine") }
        for part in [
            "## Model Details", "### Model Description", "- **License:** mit", "### Full Model Architecture", "  (0): Transformer(",
            "## Usage",
            "model = SentenceTransformer(\"me/mine\")", "## Evaluation", "#### Semantic Similarity", "* Datasets: `sts-dev` and `sts-test`",
            "| Metric | sts-dev | sts-test |", "| **spearman_cosine** | **", "#### Translation", "| Metric | Value |",
            "### Training Dataset",
            "### Evaluation Dataset", "* Size: 40 training samples", "| type | string | string | float |", " tokens</li><li>mean: ",
            "#### Non-Default Hyperparameters", "- `max_steps`: 4", "#### All Hyperparameters", "- `seed`: 42", "### Training Logs",
            "| Epoch | Step | Training Loss | Validation Loss | sts-dev_spearman_cosine | sts-test_spearman_cosine | mean_accuracy |",
            "* The bold row denotes the saved checkpoint.", "### Environmental Impact", "- **Energy Consumed**: 0.250 kWh",
            "- **CPU Model**: A processor", "### Training Time", "- **Evaluation**: ", "### Framework Versions", "### BibTeX",
            "#### CoSENTLoss",
        ] { #expect(text.contains(part), "lacks \(part)") }
        let bold = text.split(separator: "\n").filter {
            $0.hasPrefix("| **0.") && $0.contains("** | **2** |") || $0.contains("** | **4** |")
        }
        #expect(bold.count == 1)
        #expect(!text.contains("`output_dir`") && !text.contains("sequential_score"))
    }

    @Test func withoutExamplesThereAreNone() throws {
        let text = try text { $0.generateWidgetExamples = false }
        #expect(try frontMatter(text)["widget"] == nil && text.contains("The sky is clear today."))
    }

    @Test func aModelThatWasNotTrainedHasACard() throws {
        let model = try SentenceTransformer(fixtureModel.path)
        let text = ModelCard(model: model).markdown
        #expect(try frontMatter(text).keys == ["library_name", "tags", "pipeline_tag"])
        for part in ["## Training Details", "## Evaluation", "### Training Logs", "dataset_size"] { #expect(!text.contains(part)) }
    }

    @Test func queriesAreToldFromDocuments() throws {
        var model = try SentenceTransformer(fixtureModel.path)
        model.prompts["query"] = "query: "
        let text = ModelCard(model: model).markdown
        #expect(text.contains("model.encode_query([") && text.contains("model.encodeDocument(["))
    }

    @Test func keysOfTheFieldAreRead() throws {
        let value = try JSONValue(
            yaml: """
                language: en
                license: mit
                model_name: Mine
                model_id: me/mine
                train_datasets:
                - name: SNLI
                  id: stanfordnlp/snli
                - owner/other
                task_name: search
                tags: [a, b]
                generate_widget_examples: false
                """)
        guard case .object(let object) = value else { return }
        let data = try SentenceTransformerModelCardData(object, file: "run.yaml", section: "model_card")
        #expect(data.language == ["en"] && data.tags == ["a", "b"] && !data.generateWidgetExamples && data.taskName == "search")
        #expect(data.trainDatasets == [.init(name: "SNLI", id: "stanfordnlp/snli"), .init(name: "owner/other", id: "owner/other")])
    }

    @Test(arguments: [
        ("licence: mit", "licence"), ("license: 3", "license"), ("model_id: mine", "model_id"),
        ("train_datasets: [{x: 1}]", "a name or an id"),
        ("language: [1]", "language"), ("generate_widget_examples: maybe", "true or false"),
    ])
    func wrongKeysAreNamed(_ yaml: String, _ word: String) throws {
        guard case .object(let object) = try JSONValue(yaml: yaml) else { return }
        let error = #expect(throws: ModelFileError.self) {
            try SentenceTransformerModelCardData(object, file: "run.yaml", section: "model_card")
        }
        #expect(error.map { "\($0)".contains(word) && "\($0)".contains("run.yaml: model_card") } == true, "\(String(describing: error))")
    }
}
