import Training

extension ModelCard {
    /// What each evaluator found last.
    var evaluations: [EvaluationResult.Part] { run?.evaluation?.parts ?? [] }

    /// A table for each evaluator; those of one kind with the same metrics share one.
    var evaluation: String? {
        var groups: [[EvaluationResult.Part]] = []
        for part in evaluations {
            let keys = part.metrics.map(\.key)
            if let i = groups.firstIndex(where: { group in
                group[0].evaluator == part.evaluator && group[0].metrics.map(\.key) == keys && group[0].primaryMetric == part.primaryMetric
                    && !group.contains { $0.name == part.name }
            }) {
                groups[i].append(part)
            } else {
                groups.append([part])
            }
        }
        guard !groups.isEmpty else { return nil }
        return "## Evaluation\n\n### Metrics\n\n" + groups.map(Self.section).joined(separator: "\n\n")
    }

    private static func section(_ group: [EvaluationResult.Part]) -> String {
        let names = group.map(\.name).filter { !$0.isEmpty }
        let rows = group[0].metrics.indices.map { i in
            let key = group[0].metrics[i].key
            let cells = [key] + group.map { figure($0.metrics[i].value) }
            return key == group[0].primaryMetric ? cells.map { "**\($0)**" } : cells
        }
        let facts =
            (names.isEmpty ? [] : ["* Dataset\(names.count > 1 ? "s" : ""): \(list(names.map { "`\($0)`" }))"])
            + ["* Evaluated with <code>\(group[0].evaluator)</code>"]
        return """
            #### \(description(of: group[0].evaluator))

            \(facts.joined(separator: "\n"))

            \(table(["Metric"] + (group.count > 1 ? group.map { cell($0.name) } : ["Value"]), rows))
            """
    }

    /// `InformationRetrievalEvaluator` as `Information Retrieval`.
    static func description(of evaluator: String) -> String {
        switch evaluator {
        case "EmbeddingSimilarityEvaluator": return "Semantic Similarity"
        case "MSEEvaluator": return "Knowledge Distillation"
        default: break
        }
        let name = evaluator.hasSuffix("Evaluator") ? String(evaluator.dropLast("Evaluator".count)) : evaluator
        return name.isEmpty ? evaluator : name.replacing(#/([a-z0-9])([A-Z])/#) { "\($0.output.1) \($0.output.2)" }
    }
}
