import Training

extension ModelCard {
    /// Arguments that say where and when something is written, and nothing of the model.
    private static let hiddenArguments: Set<String> = [
        "output_dir", "logging_strategy", "logging_first_step", "logging_steps", "eval_strategy", "eval_steps", "eval_delay",
        "save_strategy", "save_steps", "save_total_limit", "metric_for_best_model", "greater_is_better", "report_to", "run_name",
        "hub_token",
    ]

    /// The arguments that differ from their defaults, and all of them.
    func hyperparameters(_ run: TrainingRun) -> String {
        func line(_ row: (key: String, value: String)) -> String { "- `\(row.key)`: \(row.value)" }
        let all = run.arguments.keysAndValues.filter { !Self.hiddenArguments.contains($0.key) }
        let usual = Dictionary(uniqueKeysWithValues: TrainingArguments().keysAndValues)
        let changed = all.filter { usual[$0.key] != $0.value }
        return """
            ### Training Hyperparameters

            #### Non-Default Hyperparameters

            \(changed.isEmpty ? "All have their defaults." : changed.map(line).joined(separator: "\n"))

            #### All Hyperparameters

            <details><summary>Click to expand</summary>

            \(all.map(line).joined(separator: "\n"))

            </details>
            """
    }

    // MARK: Logs

    private static let longestLog = 100

    /// A row a step that was logged: losses, then the evaluators' primary metrics; the best step in bold. None before the
    /// first log.
    func logs(_ run: TrainingRun) -> String? {
        var columns: [(key: String, title: String)] = []
        var rows: [(step: Int, epoch: Double, values: [String: Double])] = []
        for entry in run.state.logHistory where entry["train_runtime"] == nil {
            let values = entry.values.compactMap { key, value in logTitle(of: key, run).map { (key: key, title: $0, value: value) } }
            guard !values.isEmpty else { continue }
            if rows.last?.step != entry.step { rows.append((entry.step, entry["epoch"] ?? 0, [:])) }
            for (key, title, value) in values {
                if !columns.contains(where: { $0.key == key }) { columns.append((key, title)) }
                rows[rows.count - 1].values[key] = value
            }
        }
        guard !rows.isEmpty else { return nil }
        func rank(_ key: String) -> Int { key == "loss" ? 0 : key == "eval_loss" ? 1 : key.hasSuffix("loss") ? 2 : 3 }
        let order = columns.indices.sorted { (rank(columns[$0].key), $0) < (rank(columns[$1].key), $1) }.map { columns[$0] }
        let best = run.arguments.loadBestModelAtEnd ? run.state.bestGlobalStep : nil
        let lines = rows.map { row in
            let cells =
                [Self.figure(row.epoch), "\(row.step)"] + order.map { row.values[$0.key].map { NumberFormat.fixed($0, places: 4) } ?? "-" }
            return row.step == best ? cells.map { "**\($0)**" } : cells
        }
        let table = Self.table(["Epoch", "Step"] + order.map { Self.cell($0.title) }, lines, centered: true)
        let text = table + (lines.contains { $0[0].hasPrefix("**") } ? "\n\n* The bold row denotes the saved checkpoint." : "")
        let folded = rows.count > Self.longestLog ? "<details><summary>Click to expand</summary>\n\n\(text)\n\n</details>" : text
        return "### Training Logs\n\n" + folded
    }

    /// What the column of a logged number is called; nil for one that has none.
    private func logTitle(of key: String, _ run: TrainingRun) -> String? {
        if ["epoch", "grad_norm", "learning_rate"].contains(key) || key.hasSuffix("_runtime") || key.hasSuffix("_per_second") {
            return nil
        }
        if key == "loss" { return "Training Loss" }
        guard key.hasPrefix("eval_") else { return key }
        let name = String(key.dropFirst("eval_".count))
        if name == "loss" { return "Validation Loss" }
        if name.hasSuffix("_loss") { return name.split(separator: "_").joined(separator: " ") }
        let primary = evaluations.map { $0.name.isEmpty ? $0.primaryMetric : "\($0.name)_\($0.primaryMetric)" }
        return primary.isEmpty || primary.contains(name) ? name : nil
    }

    // MARK: What it took

    func impact(_ run: TrainingRun) -> String? {
        guard let emissions = run.emissions else { return nil }
        let source = emissions.source == "codecarbon" ? "[CodeCarbon](https://github.com/mlco2/codecarbon)" : emissions.source
        return """
            ### Environmental Impact

            Measured with \(source).

            - **Energy Consumed**: \(NumberFormat.fixed(emissions.energyConsumed, places: 3)) kWh
            - **Carbon Emitted**: \(NumberFormat.fixed(emissions.emissions / 1000, places: 3)) kg of CO2

            ### Training Hardware

            - **On Cloud**: \(emissions.isOnCloud ? "Yes" : "No")
            - **GPU Model**: No GPU used
            - **CPU Model**: \(emissions.cpuModel)
            - **RAM Size**: \(NumberFormat.fixed(emissions.ramTotalSize, places: 2)) GB
            """
    }

    func time(_ run: TrainingRun) -> String? {
        guard let total = run.state.logHistory.last(where: { $0["train_runtime"] != nil })?["train_runtime"] else { return nil }
        let evaluation = run.state.curve("eval_runtime").reduce(0) { $0 + $1.value }
        var lines = ["- **Training**: \(Self.duration(max(0, total - evaluation)))"]
        if evaluation > 0 { lines += ["- **Evaluation**: \(Self.duration(evaluation))", "- **Total**: \(Self.duration(total))"] }
        return "### Training Time\n\n" + lines.joined(separator: "\n")
    }

    private static func duration(_ seconds: Double) -> String {
        for (size, unit) in [(86_400.0, "days"), (3600, "hours"), (60, "minutes")] where seconds >= size {
            return "\(NumberFormat.fixed(seconds / size, places: 1)) \(unit)"
        }
        return "\(NumberFormat.fixed(seconds, places: 1)) seconds"
    }
}
