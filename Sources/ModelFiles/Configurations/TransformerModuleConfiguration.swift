import Foundation
import JSON

/// `sentence_bert_config.json`: how the transformer module is used.
public struct TransformerModuleConfiguration: ModelConfiguration {
    public static let fileName = "sentence_bert_config.json"
    public static let style = JSONStyle(indentation: 4, sortsKeys: false)
    /// The file's names in models from before it was always called `fileName`.
    public static let legacyFileNames = [
        "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet",
    ].map { "sentence_\($0)_config.json" }

    /// Longest input in tokens. Version 6 keeps it in `tokenizer_config.json` as `model_max_length` instead;
    /// a value here has precedence.
    public var maxSequenceLength: Int?
    /// Whether texts are lower-cased before the tokenizer sees them.
    public var doLowerCase: Bool
    /// What the transformer is loaded for: `feature-extraction`, `sequence-classification` …
    public var task: String
    /// How each kind of input is encoded; nil means text by its forward pass.
    public var modalities: JSONObject?
    /// The feature that is written.
    public var outputName: String
    /// Keys of the file that this library does not use; they are written back.
    public var unknownKeys = JSONObject()

    /// A configuration of these values.
    public init(
        maxSequenceLength: Int? = nil, doLowerCase: Bool = false, task: String = "feature-extraction",
        modalities: JSONObject? = nil, outputName: String = "token_embeddings"
    ) {
        self.maxSequenceLength = maxSequenceLength
        self.doLowerCase = doLowerCase
        self.task = task
        self.modalities = modalities
        self.outputName = outputName
    }

    public init(from fields: inout JSONFields) throws {
        maxSequenceLength = try fields.integer("max_seq_length", in: 1...Int.max)
        doLowerCase = try fields.bool("do_lower_case") ?? false
        task = try fields.string("transformer_task") ?? "feature-extraction"
        modalities = try fields.object("modality_config")
        outputName = try fields.string("module_output_name") ?? "token_embeddings"
        unknownKeys = fields.rest
    }

    /// Reads the file under its usual or one of its old names; without any of them the defaults hold.
    public static func readAnyName(fromFolder folder: URL) throws -> TransformerModuleConfiguration {
        for name in [fileName] + legacyFileNames {
            do {
                return try read(contentsOf: folder.appendingPathComponent(name))
            } catch let error as ModelFileError where error.kind == .missing {
                continue
            }
        }
        return TransformerModuleConfiguration()
    }

    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object = JSONObject()
        if style == .legacy {
            object["max_seq_length"] = JSONValue(maxSequenceLength)
            object["do_lower_case"] = .bool(doLowerCase)
        } else {
            let text: JSONObject = ["method": "forward", "method_output_name": "last_hidden_state"]
            object["transformer_task"] = .string(task)
            object["modality_config"] = .object(modalities ?? ["text": .object(text)])
            object["module_output_name"] = .string(outputName)
            if let maxSequenceLength { object["max_seq_length"] = .integer(maxSequenceLength) }
            if doLowerCase { object["do_lower_case"] = .bool(true) }
        }
        object.fill(from: unknownKeys)
        return object
    }
}
