import Autodiff
import Layers

/// A layer to whose result a convolution of its input is added; the sum is normalized (DeBERTa-v2).
public struct ConvolvedLayer: TokenLayer {
    /// The layer.
    public let layer: any TokenLayer
    /// Of the layer's input.
    public let convolution: Convolution
    /// Of the sum.
    public let norm: LayerNorm
    /// Of the convolution's result.
    public let activation: Activation
    /// Before the activation.
    public let dropout: Dropout

    /// A layer and the convolution beside it.
    public init(_ layer: any TokenLayer, _ convolution: Convolution, activation: Activation, _ c: EncoderConfiguration) {
        self.layer = layer
        self.convolution = convolution
        norm = LayerNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon)
        self.activation = activation
        dropout = Dropout(c.hiddenDropout)
    }

    /// The layer's parts stand where they would without a convolution.
    public var parts: [NamedPart] {
        layer.parts + convolution.parts.named(under: "convolution") + norm.parts.named(under: "convolutionNorm")
    }

    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        let result = layer(x, batch, in: context)
        return norm(result + activation(dropout(convolution(x, offsets: batch.offsets), in: context)))
    }
}
