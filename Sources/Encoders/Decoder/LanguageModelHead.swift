import Autodiff
import Layers

/// What makes a token's vector fit to be compared with the table of word embeddings, which predicts the next token.
public struct LanguageModelHead: Module {
    /// `[H, H]`.
    public let transform: Linear  // [H, H]
    /// After the activation.
    public let norm: LayerNorm
    /// `[V]`, added to the logits.
    public let bias: Parameter  // [V]
    /// After the first layer.
    public let activation: Activation

    /// Weights from a normal distribution; without a key all zero, to be filled from a file.
    public init(
        width: Int, vocabularySize: Int, activation: Activation = .gelu, normEpsilon: Double = 1e-12, standardDeviation: Double = 0.02,
        key: RandomKey?
    ) {
        transform = Linear(inputWidth: width, outputWidth: width, standardDeviation: standardDeviation, key: key)
        norm = LayerNorm(width: width, epsilon: normEpsilon)
        bias = Parameter(.zeros([vocabularySize]))
        self.activation = activation
    }

    /// - Parameter x: `[T, H]`.
    /// - Returns: `[T, H]`, whose products with the word embeddings, plus `bias`, are the logits.
    public func callAsFunction(_ x: Tensor) -> Tensor { norm(activation(transform(x))) }
}
