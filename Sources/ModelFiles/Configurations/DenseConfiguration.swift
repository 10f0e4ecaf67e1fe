import JSON

/// `config.json` of a Dense module: act(x·Wᵀ + b), with an optional residual.
public struct DenseConfiguration: ModelConfiguration {
    public static let fileName = "config.json"
    public static let style = JSONStyle(indentation: 4, sortsKeys: false)

    /// Width of what it takes.
    public var inputFeatures: Int
    /// Width of what it gives.
    public var outputFeatures: Int
    /// Whether it adds a bias.
    public var hasBias: Bool
    /// The dotted name of the activation's class, such as `torch.nn.modules.activation.Tanh`.
    public var activationFunction: String
    /// The feature that is read.
    public var inputName: String
    /// The feature that is written.
    public var outputName: String
    /// Adds the input to the output, through a `residual.weight` if their widths differ.
    public var usesResidual: Bool
    /// Keys of the file that this library does not use; they are written back.
    public var unknownKeys = JSONObject()

    /// What files call the hyperbolic tangent.
    public static let tanh = "torch.nn.modules.activation.Tanh"
    /// What files call no activation.
    public static let identity = "torch.nn.modules.linear.Identity"

    /// A configuration of these values.
    public init(
        inputFeatures: Int, outputFeatures: Int, hasBias: Bool = true, activationFunction: String = tanh,
        inputName: String = "sentence_embedding", outputName: String? = nil, usesResidual: Bool = false
    ) {
        self.inputFeatures = inputFeatures
        self.outputFeatures = outputFeatures
        self.hasBias = hasBias
        self.activationFunction = activationFunction
        self.inputName = inputName
        self.outputName = outputName ?? inputName
        self.usesResidual = usesResidual
    }

    public init(from fields: inout JSONFields) throws {
        inputFeatures = try fields.requiredInteger("in_features", in: 1...Int(Int32.max))
        outputFeatures = try fields.requiredInteger("out_features", in: 1...Int(Int32.max))
        hasBias = try fields.bool("bias") ?? true
        activationFunction = try fields.string("activation_function") ?? Self.tanh
        // A class of somebody's own would have to be run to know what it does.
        guard activationFunction.hasPrefix("torch.nn.") else {
            throw fields.error(
                "activation_function",
                "the class \(quoted(activationFunction)) is not one of "
                    + "torch.nn, so what it computes is unknown here", kind: .unsupported)
        }
        inputName = try fields.string("module_input_name") ?? "sentence_embedding"
        outputName = try fields.string("module_output_name") ?? inputName
        usesResidual = try fields.bool("use_residual") ?? false
        unknownKeys = fields.rest
    }

    /// The activation's class without its module: `Tanh`.
    public var activationName: String {
        activationFunction.split(separator: ".").last.map(String.init) ?? activationFunction
    }

    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object: JSONObject = [
            "in_features": .integer(inputFeatures),
            "out_features": .integer(outputFeatures),
            "bias": .bool(hasBias),
            "activation_function": .string(activationFunction),
        ]
        // Older versions refuse keys that they do not know, so they see them only where they matter.
        let isPlain = inputName == "sentence_embedding" && outputName == inputName
        if style == .version6 || !isPlain {
            object["module_input_name"] = .string(inputName)
            object["module_output_name"] = .string(outputName)
        }
        if usesResidual { object["use_residual"] = .bool(true) }
        object.fill(from: unknownKeys)
        return object
    }
}
