import Autodiff
import Foundation
import Layers
import ModelFiles
import Requirements

/// A fully connected layer on the sentence embedding.
public struct Dense: EmbeddingModule {
    /// The layer.
    public let linear: Linear
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
        configuration = DenseConfiguration(
            inputFeatures: inputWidth, outputFeatures: outputWidth, hasBias: hasBias,
            activationFunction: Self.classNames.first { $0.value == activation }?.key ?? DenseConfiguration.identity)
    }

    /// With weights of zero, to be filled.
    private init(_ configuration: DenseConfiguration, _ activation: Activation) {
        self.configuration = configuration
        self.activation = activation
        linear = Linear(
            inputWidth: configuration.inputFeatures, outputWidth: configuration.outputFeatures,
            hasBias: configuration.hasBias, key: nil)
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
        guard configuration.inputName == "sentence_embedding", configuration.outputName == "sentence_embedding",
            !configuration.usesResidual
        else {
            throw ModelFileError(.unsupported, file: file, problem: "only a plain layer on sentence_embedding is supported")
        }
        self.init(configuration, activation)
        try Weights.load(namedParameters, from: WeightFiles(folder: folder))
    }

    public func outputDimension(of inputDimension: Int?) -> Int? { configuration.outputFeatures }

    public func mismatch(tokenWidth: Int, sentenceWidth: Int?) -> String? {
        guard let sentenceWidth else { return "no module before it makes a sentence embedding; put a Pooling there" }
        let width = configuration.inputFeatures
        return width == sentenceWidth ? nil : "it takes sentence embeddings of width \(width), but they have \(sentenceWidth)"
    }

    public var summary: String {
        "\(configuration.inputFeatures) to \(configuration.outputFeatures), \(activation.rawValue)"
    }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        guard let embedding = features.sentenceEmbedding else { refuse("Dense: there is no sentence embedding") }
        var features = features
        features.sentenceEmbedding = activation(linear(embedding))
        return features
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
    ]
}
