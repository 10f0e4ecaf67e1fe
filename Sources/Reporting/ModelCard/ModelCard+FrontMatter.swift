import JSON
import Training
import YAML

extension ModelCard {
    /// What hubs read, as YAML between two lines of hyphens; only keys that have something to say.
    var frontMatter: String { "---\n\(metadata.yaml)\n---" }

    private var metadata: JSONObject {
        func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        var tags = data.tags
        if run != nil {
            tags.append("generated_from_trainer")
            tags.append("dataset_size:\(tasks.reduce(0) { $0 + $1.dataset.rowCount })")
            tags += tasks.map { "loss:\($0.objective)" }
        }
        var seen = Set<String>()
        var object = JSONObject()
        if !data.language.isEmpty { object["language"] = strings(data.language) }
        if let license = data.license { object["license"] = .string(license) }
        object["library_name"] = "sentence-transformers"
        object["tags"] = strings(tags.filter { seen.insert($0).inserted })
        let ids = (data.trainDatasets + data.evalDatasets).compactMap(\.id)
        if !ids.isEmpty { object["datasets"] = strings(ids.filter { seen.insert("dataset " + $0).inserted }) }
        let parts = evaluations
        if !parts.isEmpty {
            object["metrics"] = strings(parts.flatMap(\.metrics).map(\.key).filter { seen.insert("metric " + $0).inserted })
        }
        object["pipeline_tag"] = "sentence-similarity"
        let widget = examples.map { ["source_sentence": .string($0[0]), "sentences": strings(Array($0.dropFirst()))] as JSONValue }
        if !widget.isEmpty { object["widget"] = .array(widget) }
        if !parts.isEmpty { object["model-index"] = [["name": .string(title), "results": .array(parts.compactMap(result))]] }
        if let emissions = run?.emissions {
            object["co2_eq_emissions"] = [
                "emissions": .real(emissions.emissions), "energy_consumed": .real(emissions.energyConsumed),
                "source": .string(emissions.source), "training_type": "fine-tuning", "on_cloud": .bool(emissions.isOnCloud),
                "cpu_model": .string(emissions.cpuModel), "ram_total_size": .real(emissions.ramTotalSize),
            ]
        }
        if let base = data.baseModel { object["base_model"] = .string(base) }
        return object
    }

    /// An entry of `model-index`: a task, its data, its figures; what is not finite is none.
    private func result(_ part: EvaluationResult.Part) -> JSONValue? {
        let description = Self.description(of: part.evaluator)
        let metrics = part.metrics.filter { $0.value.isFinite }.map { key, value in
            ["type": .string(key), "value": .real(value), "name": .string(Self.titled(key))] as JSONValue
        }
        guard !metrics.isEmpty else { return nil }
        let name = part.name.map { "_-".contains($0) ? " " : $0 }
        return [
            "task": ["type": .string(description.lowercased().replacing(" ", with: "-")), "name": .string(description)],
            "dataset": [
                "name": .string(part.name.isEmpty ? "Unknown" : String(name)), "type": .string(part.name.isEmpty ? "unknown" : part.name),
            ],
            "metrics": .array(metrics),
        ]
    }

    /// `spearman_cosine` as `Spearman Cosine`.
    private static func titled(_ key: String) -> String {
        key.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
    }
}
