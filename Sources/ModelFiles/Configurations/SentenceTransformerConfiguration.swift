import JSON

/// `config_sentence_transformers.json`: prompts and similarity of a whole model.
public struct SentenceTransformerConfiguration: ModelConfiguration {
    public static let fileName = "config_sentence_transformers.json"
    public static let style = JSONStyle(indentation: 2, sortsKeys: true)
    /// The similarity functions that a file may name.
    public static let similarityFunctionNames = ["cosine", "dot", "euclidean", "manhattan"]

    /// Texts put in front of an input, by name.
    public var prompts: [String: String]
    /// The prompt used when none is asked for.
    public var defaultPromptName: String?
    /// One of `similarityFunctionNames`; nil when the file leaves it open, which means cosine.
    public var similarityFunctionName: String?
    /// The number of leading dimensions to keep of an embedding.
    public var truncateDimension: Int?
    /// `SentenceTransformer`, `CrossEncoder`, `SparseEncoder` …
    public var modelType: String
    /// The versions of the libraries that made the model, by library.
    public var versions: [String: String]
    /// Keys of the file that this library does not use; they are written back.
    public var unknownKeys = JSONObject()

    /// A configuration of these values.
    public init(
        prompts: [String: String] = ["query": "", "document": ""], defaultPromptName: String? = nil,
        similarityFunctionName: String? = "cosine", truncateDimension: Int? = nil,
        modelType: String = "SentenceTransformer", versions: [String: String] = [:]
    ) {
        self.prompts = prompts
        self.defaultPromptName = defaultPromptName
        self.similarityFunctionName = similarityFunctionName
        self.truncateDimension = truncateDimension
        self.modelType = modelType
        self.versions = versions
    }

    public init(from fields: inout JSONFields) throws {
        prompts = try fields.stringMap("prompts") ?? [:]
        defaultPromptName = try fields.string("default_prompt_name")
        if let name = defaultPromptName, prompts[name] == nil {
            let names = prompts.keys.sorted().map(quoted).joined(separator: ", ")
            throw fields.error(
                "default_prompt_name",
                "there is no prompt \(quoted(name)); prompts has "
                    + (names.isEmpty ? "none" : names))
        }
        similarityFunctionName = try fields.string("similarity_fn_name")
        if let name = similarityFunctionName, !Self.similarityFunctionNames.contains(name) {
            throw fields.error(
                "similarity_fn_name",
                "\(quoted(name)) is not supported; supported are "
                    + Self.similarityFunctionNames.joined(separator: ", "), kind: .unsupported)
        }
        truncateDimension = try fields.integer("truncate_dim", in: 1...Int.max)
        modelType = try fields.string("model_type") ?? "SentenceTransformer"
        versions = try fields.stringMap("__version__") ?? [:]
        unknownKeys = fields.rest
    }

    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object: JSONObject = [
            "prompts": JSONValue(prompts),
            "default_prompt_name": JSONValue(defaultPromptName),
            "similarity_fn_name": JSONValue(similarityFunctionName),
            "model_type": .string(modelType),
        ]
        if !versions.isEmpty { object["__version__"] = JSONValue(versions) }
        if let truncateDimension { object["truncate_dim"] = .integer(truncateDimension) }
        object.fill(from: unknownKeys)
        return object
    }
}
