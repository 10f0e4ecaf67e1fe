import Tapestry

/// One of the datasets of a run: a file, its loss, what is evaluated, and how often its batches come.
///
/// ```yaml
/// datasets:
///   nli: {file: nli.csv, loss: MultipleNegativesRankingLoss, prompts: "query: ", weight: 2}
///   sts: {file: sts.csv, loss: CoSENTLoss, eval: sts-dev.csv, eval_dataset: sts-dev.csv}
/// ```
package struct RunDataset {
    /// By which logs call it.
    package var name: String
    /// Training data.
    package var file: String
    /// Inputs of the loss, in order; nil: all but the label.
    package var columns: [String]?
    /// The label column; nil: by its name.
    package var label: String?
    /// With its options.
    package var loss: LossSpecification?
    /// Data for `eval_<name>_loss`.
    package var evalDataset: String?
    /// Data for an evaluator.
    package var eval: String?
    /// Put before its texts.
    package var prompts: ColumnTexts?
    /// What its columns are for, for a model with a router.
    package var routerMapping: ColumnTexts?
    /// How often its batches come, beside once an epoch; nil: as often as it has them.
    package var weight: Double?

    private static let keys = [
        "file", "columns", "label", "loss", "loss_options", "eval", "eval_dataset", "prompts", "router_mapping", "weight",
    ]

    package init(name: String, file: String) { (self.name, self.file) = (name, file) }

    /// - Parameters:
    ///   - json: A map of names to datasets.
    ///   - prefix: The file, for messages.
    /// - Throws: `UsageError` that names the dataset and the key.
    static func all(_ json: JSONValue, in prefix: String) throws -> [RunDataset] {
        guard case .object(let object) = json, !object.isEmpty else {
            throw UsageError("\(prefix)datasets: a map of names to {file: …, loss: …} was expected")
        }
        return try object.members.map { name, value in
            let owner = "\(prefix)dataset \(name)"
            guard case .object(let members) = value else { throw UsageError("\(owner): keys and values were expected, such as {file: …}") }
            do {
                try OptionError.check(members.keys, among: keys, of: owner)
                return try RunDataset(name, members, owner)
            } catch let error as OptionError {
                throw UsageError("\(error)")
            }
        }
    }

    private init(_ name: String, _ members: JSONObject, _ owner: String) throws {
        func read<Value: OptionValue>(_ key: String, _ type: Value.Type) throws -> Value? {
            guard let json = members[key], json != .null else { return nil }
            guard let value = Value(json: json) else { throw OptionError(key, of: owner, mustBe: Value.kind, not: json) }
            return value
        }
        guard let file = try read("file", String.self) else { throw UsageError("\(owner): file is missing") }
        self.init(name: name, file: file)
        (columns, label) = (try read("columns", [String].self), try read("label", String.self))
        (eval, evalDataset) = (try read("eval", String.self), try read("eval_dataset", String.self))
        (prompts, routerMapping) = (try read("prompts", ColumnTexts.self), try read("router_mapping", ColumnTexts.self))
        weight = try read("weight", Double.self)
        if let json = members["loss"] { loss = try UsageError.forLoss { try LossSpecification(json) } }
        guard let options = try read("loss_options", JSONObject.self) else { return }
        guard loss != nil else { throw UsageError("\(owner): loss_options without a loss") }
        for (key, value) in options.members { loss!.options[key] = value }
    }

    /// The training data, with the inputs and the label that were chosen.
    func dataset() throws -> Dataset { try selected(file) }

    /// The rows whose loss is evaluated; nil where there are none.
    func evaluationDataset() throws -> Dataset? { try evalDataset.map(selected) }

    private func selected(_ path: String) throws -> Dataset {
        try Dataset(path: path, inputs: columns, labelColumn: label.flatMap { columns?.contains($0) == true ? nil : $0 })
    }
}
