import Autodiff
import Foundation
import Layers
import ModelFiles
import Requirements

/// A fully connected layer on the sentence embedding, or on the token embeddings.
public struct Dense: EmbeddingModule {
    /// The layer.
    public let linear: Linear
    /// Of the input, which is added to the output where the configuration says so and their widths differ.
    public let residual: Linear?
    /// After the layer.
    public let activation: Activation
    private let configuration: DenseConfiguration

    public static var typeName: String { ModuleKind.dense.typeName(.version6) }

    /// Random weights around zero, smaller ones for wider inputs.
    public init(
        inputWidth: Int, outputWidth: Int, hasBias: Bool = true, activation: Activation = .tanh, key: RandomKey
    ) {
        linear = Linear(
            inputWidth: inputWidth, outputWidth: outputWidth, hasBias: hasBias,
            standardDeviation: 1 / Double(3 * inputWidth).squareRoot(), key: key)
        self.activation = activation
        residual = nil
        configuration = DenseConfiguration(
            inputFeatures: inputWidth, outputFeatures: outputWidth, hasBias: hasBias,
            activationFunction: Self.classNames.filter { $0.value == activation }.keys.max() ?? DenseConfiguration.identity)
    }

    /// With weights of zero, to be filled.
    private init(_ configuration: DenseConfiguration, _ activation: Activation) {
        self.configuration = configuration
        self.activation = activation
        func layer(hasBias: Bool) -> Linear {
            Linear(inputWidth: configuration.inputFeatures, outputWidth: configuration.outputFeatures, hasBias: hasBias, key: nil)
        }
        linear = layer(hasBias: configuration.hasBias)
        residual =
            configuration.usesResidual && configuration.inputFeatures != configuration.outputFeatures ? layer(hasBias: false) : nil
    }

    /// - Throws: `ModelFileError` for a configuration or weights that do not fit.
    public init(folder: URL) throws {
        let configuration = try DenseConfiguration.read(fromFolder: folder)
        let file = folder.appendingPathComponent(DenseConfiguration.fileName).path
        let name = configuration.activationName
        guard let activation = Self.classNames.first(where: { $0.key.hasSuffix(".\(name)") })?.value else {
            let known = Self.classNames.keys.compactMap { $0.split(separator: ".").last }.sorted().joined(separator: ", ")
            throw ModelFileError(
                .unsupported, file: file, place: "activation_function",
                problem: "\"\(configuration.activationFunction)\" is not supported; supported are \(known)")
        }
        guard configuration.inputName == configuration.outputName, ["sentence_embedding", Self.tokens].contains(configuration.inputName)
        else {
            throw ModelFileError(
                .unsupported, file: file, place: "module_input_name",
                problem: "from \(configuration.inputName) to \(configuration.outputName) is not supported; supported are "
                    + "sentence_embedding or \(Self.tokens) for both")
        }
        self.init(configuration, activation)
        try Weights.load(namedParameters, from: WeightFiles(folder: folder))
    }

    private static let tokens = "token_embeddings"
    private var isForTokens: Bool { configuration.inputName == Self.tokens }

    public func outputDimension(of inputDimension: Int?) -> Int? { isForTokens ? inputDimension : configuration.outputFeatures }
    public func tokenDimension(of inputDimension: Int?) -> Int? { isForTokens ? configuration.outputFeatures : inputDimension }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? {
        isForTokens
            ? mismatch(needingTokenEmbeddingsOf: configuration.inputFeatures, tokenWidth)
            : mismatch(needingSentenceEmbeddingsOf: configuration.inputFeatures, sentenceWidth)
    }

    public var summary: String {
        "\(configuration.inputFeatures) to \(configuration.outputFeatures), \(activation.rawValue)"
    }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        if isForTokens {
            features.tokenEmbeddings = map(features.requiredTokenEmbeddings)
        } else {
            guard let embedding = features.sentenceEmbedding else { refuse("Dense: there is no sentence embedding") }
            features.sentenceEmbedding = map(embedding)
        }
        return features
    }

    private func map(_ x: Tensor) -> Tensor {
        let y = activation(linear(x))
        return configuration.usesResidual ? y + (residual?(x) ?? x) : y
    }

    public func copied() -> Dense { Dense(configuration, activation).takingValues(of: self) }

    public func save(to folder: URL) throws {
        try configuration.write(toFolder: folder)
        try Weights.save(namedTensors, to: folder.appendingPathComponent(WeightFiles.fileName))
    }

    private static let classNames: [String: Activation] = [
        "torch.nn.modules.activation.Tanh": .tanh, "torch.nn.modules.activation.ReLU": .relu,
        "torch.nn.modules.activation.GELU": .gelu, "torch.nn.modules.activation.Sigmoid": .sigmoid,
        "torch.nn.modules.activation.SiLU": .silu, "torch.nn.modules.linear.Identity": .identity,
        "torch.nn.modules.activation.LeakyReLU": .leakyReLU, "torch.nn.modules.activation.ELU": .elu,
        "torch.nn.modules.activation.CELU": .elu, "torch.nn.modules.activation.SELU": .selu,
        "torch.nn.modules.activation.Softplus": .softplus, "torch.nn.modules.activation.Softsign": .softsign,
        "torch.nn.modules.activation.Mish": .mish, "torch.nn.modules.activation.ReLU6": .relu6,
        "torch.nn.modules.activation.Hardtanh": .hardTanh, "torch.nn.modules.activation.Hardsigmoid": .hardSigmoid,
        "torch.nn.modules.activation.Hardswish": .hardSwish, "torch.nn.modules.activation.LogSigmoid": .logSigmoid,
        "torch.nn.modules.activation.Tanhshrink": .tanhShrink,
    ]
}
