import JSON
import ModelFiles

/// What a model's card says beside what the model and its training say themselves.
///
/// ```swift
/// model.modelCardData.license = "apache-2.0"
/// model.modelCardData.language = ["en"]
/// model.modelCardData.trainDatasets = [.init(name: "all-nli", id: "sentence-transformers/all-nli")]
/// ```
public struct SentenceTransformerModelCardData: Sendable, Equatable {
    /// A dataset that the card names.
    public struct Dataset: Sendable, Equatable {
        /// What people call it.
        public var name: String
        /// Its repository at the hub; nil: it is not there.
        public var id: String?
        /// The commit that was used.
        public var revision: String?

        /// A dataset by its name, and where it is at the hub.
        public init(name: String, id: String? = nil, revision: String? = nil) { (self.name, self.id, self.revision) = (name, id, revision) }
    }

    /// Codes of languages: `en`.
    public var language: [String] = []
    /// An identifier of the hub: `apache-2.0`, `mit`.
    public var license: String?
    /// The card's title; nil: from the base model.
    public var modelName: String?
    /// The model's repository at the hub, by which examples open it.
    public var modelID: String?
    /// The datasets of the training, in the order of its tasks; empty: by the tasks' names.
    public var trainDatasets: [Dataset] = []
    /// The same for evaluation.
    public var evalDatasets: [Dataset] = []
    /// What the model is good for, as it ends a sentence.
    public var taskName = "semantic textual similarity, semantic search, paraphrase mining, classification and clustering"
    /// The first tags of the card; training adds its own.
    public var tags = ["sentence-transformers", "sentence-similarity", "feature-extraction", "dense"]
    /// Whether texts of the data become examples, with their similarities.
    public var generateWidgetExamples = true
    /// The model that training began with; set where it came from the hub.
    public var baseModel: String?
    /// The commit of the base model.
    public var baseModelRevision: String?

    /// What a card says if nobody says more.
    public init() {}

    /// Reads the field's keys: `language`, `license`, `model_name`, `model_id`, `train_datasets`, `eval_datasets`, `task_name`,
    /// `tags`, `generate_widget_examples`, `base_model`, `base_model_revision`.
    ///
    /// - Parameters:
    ///   - object: Keys and values; a language, a tag, a dataset may stand alone or in a list.
    ///   - file: What messages call the file.
    ///   - section: Where in the file the object stands.
    /// - Throws: `ModelFileError` that names the key.
    public init(_ object: JSONObject, file: String, section: String? = nil) throws {
        var fields = JSONFields(object, file: file, place: section)
        func list(_ key: String) throws -> [JSONNode<ModelFileError>]? {
            guard let node = fields.node(key) else { return nil }
            if case .array = node.value { return try node.elements() }
            return [node]
        }
        func datasets(_ key: String) throws -> [Dataset] {
            try (list(key) ?? []).map { node in
                if case .string(let text) = node.value { return Dataset(name: text, id: text.contains("/") ? text : nil) }
                let (name, id) = (try node.present("name")?.string(), try node.present("id")?.string())
                guard let shown = name ?? id else { throw node.error("a dataset needs a name or an id") }
                return Dataset(name: shown, id: id, revision: try node.present("revision")?.string())
            }
        }
        language = try list("language")?.map { try $0.string() } ?? language
        license = try fields.string("license")
        modelName = try fields.string("model_name")
        modelID = try fields.string("model_id")
        if let modelID, modelID.split(separator: "/", omittingEmptySubsequences: false).count != 2 {
            throw fields.error("model_id", "\(quoted(modelID)) lacks its owner; write owner/name")
        }
        trainDatasets = try datasets("train_datasets")
        evalDatasets = try datasets("eval_datasets")
        taskName = try fields.string("task_name") ?? taskName
        tags = try list("tags")?.map { try $0.string() } ?? tags
        generateWidgetExamples = try fields.bool("generate_widget_examples") ?? generateWidgetExamples
        baseModel = try fields.string("base_model")
        baseModelRevision = try fields.string("base_model_revision")
        if let unknown = fields.rest.keys.first {
            throw fields.error(
                unknown,
                "there is no such key of a model card; there are language, license, model_name, model_id, train_datasets, "
                    + "eval_datasets, task_name, tags, generate_widget_examples, base_model, base_model_revision")
        }
    }
}
