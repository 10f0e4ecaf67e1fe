import JSON

/// `config.json` of a Normalize module. Models from before version 6 have no such file; the defaults hold.
public struct NormalizeConfiguration: ModelConfiguration {
    public static let fileName = "config.json"
    public static let style = JSONStyle(indentation: 4, sortsKeys: false)

    /// The feature that is read.
    public var inputName: String
    /// The feature that is written.
    public var outputName: String
    /// Keys of the file that this library does not use; they are written back.
    public var unknownKeys = JSONObject()

    /// A configuration of these values.
    public init(inputName: String = "sentence_embedding", outputName: String? = nil) {
        self.inputName = inputName
        self.outputName = outputName ?? inputName
    }

    public init(from fields: inout JSONFields) throws {
        inputName = try fields.string("module_input_name") ?? "sentence_embedding"
        outputName = try fields.string("module_output_name") ?? inputName
        unknownKeys = fields.rest
    }

    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object: JSONObject = [
            "module_input_name": .string(inputName),
            "module_output_name": .string(outputName),
        ]
        object.fill(from: unknownKeys)
        return object
    }
}
