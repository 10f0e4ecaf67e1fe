import Autodiff
import Layers
import ModelFiles

/// What makes a token's vector fit to be compared with the table of word embeddings, which predicts the next token.
public struct LanguageModelHead: Module {
    public let transform: Linear    // [H, H]
    public let norm: LayerNorm
    public let bias: Parameter      // [V]
    public let activation: Activation

    public static let fileNames = ["transform": "transform.dense", "norm": "transform.LayerNorm"]

    init(_ configuration: BertConfiguration, _ activation: Activation, key: RandomKey?) {
        let width = configuration.hiddenSize
        transform = Linear(inputWidth: width, outputWidth: width, standardDeviation: configuration.initializerRange, key: key)
        norm = LayerNorm(width: width, epsilon: configuration.layerNormEpsilon)
        bias = Parameter(.zeros([configuration.vocabularySize]))
        self.activation = activation
    }

    /// - Parameter x: `[T, H]`.
    /// - Returns: `[T, H]`, whose products with the word embeddings, plus `bias`, are the logits.
    func callAsFunction(_ x: Tensor) -> Tensor { norm(activation(transform(x))) }
}
