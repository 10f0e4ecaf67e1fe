import Foundation
import Tapestry
import YAML
import Yams

/// What a training run was told: by a YAML file, and by flags, which win.
package struct RunConfiguration {
    private var values: [String: String] = [:]
    /// A loss that the file spells with its options.
    private var spelledLoss: LossSpecification?
    private var lossOptions = JSONObject()
    private var datasets: [RunDataset] = []
    /// What the file says of the model's card.
    private(set) var modelCard: SentenceTransformerModelCardData?

    /// Keys that are no training arguments.
    private static let ownKeys = [
        "model", "train", "columns", "label", "loss", "loss_options", "eval", "eval_dataset", "datasets", "output", "model_card",
    ]
    /// Short names of training arguments.
    private static let shortNames = [
        "epochs": "num_train_epochs", "batch_size": "per_device_train_batch_size", "output": "output_dir",
    ]

    package init(config: String?, flags: [(key: String, value: String)]) throws {
        if let config {
            var names = Set<String>()
            for (key, value) in try Self.read(config) {
                guard names.insert(try Self.name(of: key, in: config)).inserted else {
                    throw UsageError("\(config): \(key) is there twice, by this name or another")
                }
                do {
                    try set(key, value, in: config)
                } catch let error as YAMLError {
                    throw UsageError("\(config): \(key): \(error)")
                }
            }
            if !datasets.isEmpty {
                for key in ["train", "columns", "label", "eval_dataset"] where values[key] != nil {
                    throw UsageError("\(config): \(key) and datasets exclude each other; each dataset has its own")
                }
            }
        }
        for (key, value) in flags {
            guard key == "loss-options" else {
                try set(key, .scalar(.init(value)), in: nil)
                continue
            }
            lossOptions = try JSONObject(option: "--loss-options", value)
        }
    }

    /// The loss with its options; CoSENTLoss where none is named.
    package func loss() throws -> LossSpecification {
        var loss = spelledLoss ?? LossSpecification(values["loss"] ?? "CoSENTLoss")
        for (key, value) in lossOptions.members { loss.options[key] = value }
        return loss
    }

    subscript(key: String) -> String? { values[key] }

    func required(_ key: String) throws -> String {
        guard let value = values[key] else {
            throw UsageError("--\(key) is missing; give it as a flag or as \"\(key):\" in a file for --config")
        }
        return value
    }

    /// What is trained on: the datasets of the file, or the one that `train` names.
    package func runDatasets() throws -> [RunDataset] {
        if !datasets.isEmpty {
            return try datasets.map { dataset in
                var dataset = dataset
                dataset.loss = try dataset.loss ?? loss()
                return dataset
            }
        }
        var only = RunDataset(name: "", file: try required("train"))
        (only.loss, only.label, only.evalDataset) = (try loss(), self["label"], self["eval_dataset"])
        only.columns = self["columns"].map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        return [only]
    }

    /// Texts by column that are told for all datasets, or for each with it.
    private func columnTexts(
        _ key: String, _ all: ColumnTexts?, _ own: (RunDataset) -> ColumnTexts?
    ) throws -> ColumnTexts? {
        let told = datasets.compactMap { dataset in own(dataset).map { (dataset.name, $0.json) } }
        if told.isEmpty { return all }
        guard all == nil else { throw UsageError("\(key): given for all datasets and for \(told[0].0), too") }
        return ColumnTexts(json: .object(JSONObject(members: told)))
    }

    /// All other keys as training arguments.
    package func trainingArguments() throws -> TrainingArguments {
        var arguments = TrainingArguments()
        do {
            for (key, value) in values.sorted(by: { $0.key < $1.key }) where !Self.ownKeys.contains(key) {
                try arguments.set(key, to: value)
            }
            if let output = values["output"] { arguments.outputDir = output }
            arguments.prompts = try columnTexts("prompts", arguments.prompts, \.prompts)
            arguments.routerMapping = try columnTexts("router_mapping", arguments.routerMapping, \.routerMapping)
            try arguments.validate()
        } catch {
            throw UsageError("\(error)")
        }
        return arguments
    }

    private mutating func set(_ key: String, _ value: Node, in file: String?) throws {
        let name = try Self.name(of: key, in: file)
        let prefix = file.map { "\($0): " } ?? ""
        if name == "loss_options" {
            guard case .object(let options) = try JSONValue(value) else {
                throw UsageError("\(prefix)\(key): options were expected, such as {scale: 5}")
            }
            lossOptions = options
        } else if name == "datasets" {
            datasets = try RunDataset.all(JSONValue(value), in: prefix)
        } else if name == "model_card" {
            guard case .object(let card) = try JSONValue(value) else {
                throw UsageError("\(prefix)\(key): keys of a card were expected, such as {license: mit, language: en}")
            }
            do {
                modelCard = try SentenceTransformerModelCardData(card, file: file ?? "--set", section: key)
            } catch {
                throw UsageError("\(error)")
            }
        } else if name == "loss", value.mapping != nil {
            spelledLoss = try UsageError.forLoss { try LossSpecification(JSONValue(value)) }
        } else if let text = value.scalar?.string ?? (name == "columns" ? value.array().compactMap(\.string).joined(separator: ",") : nil) {
            values[name] = text
            if name == "loss" { spelledLoss = nil }
        } else if !Self.ownKeys.contains(name) {
            // Maps and lists of training arguments are read as JSON.
            values[name] = try JSONValue(value).serialized(.compact)
        } else {
            throw UsageError("\(prefix)\(key): a single value was expected")
        }
    }

    /// The one name of a key, which may be spelled with hyphens or be a short one.
    private static func name(of key: String, in file: String?) throws -> String {
        let plain = key.replacingOccurrences(of: "-", with: "_")
        let name = ownKeys.contains(plain) ? plain : shortNames[plain] ?? TrainingArguments.aliases[plain] ?? plain
        let known = ownKeys + TrainingArguments.keys
        guard known.contains(name) else {
            throw UsageError(
                "\(file.map { "\($0): " } ?? "")there is no key \(key); did you mean "
                    + "\(nearest(to: plain, among: known + shortNames.keys + TrainingArguments.aliases.keys))? There are \(known.joined(separator: ", "))"
            )
        }
        return name
    }

    private static func read(_ path: String) throws -> [(String, Node)] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw UsageError("\(path): cannot be read: \(error.systemReason)")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw UsageError("\(path): is not UTF-8") }
        let root: Node?
        do {
            root = try Node(yaml: text)
        } catch {
            throw UsageError("\(path): \(error)")
        }
        guard let mapping = root?.mapping else { throw UsageError("\(path): a list of \"key: value\" lines was expected") }
        return try mapping.map { key, value in
            guard let key = key.string else { throw UsageError("\(path): a key that is no text") }
            return (key, value)
        }
    }
}
