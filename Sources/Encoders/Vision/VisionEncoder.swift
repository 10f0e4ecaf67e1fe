import Autodiff
import Layers
import Requirements

/// A transformer over the patches of images (Dosovitskiy et al. 2021), as CLIP has it.
public struct VisionEncoder: Module {
    /// Of patches and their places.
    public let embeddings: PatchEmbeddings
    /// Before the first layer.
    public let embeddingNorm: LayerNorm
    /// First to last.
    public let layers: [any TokenLayer]
    /// Of the class token behind the last layer.
    public let norm: LayerNorm
    /// The sizes.
    public let configuration: EncoderConfiguration

    /// An encoder whose weights a key draws; without one they are zero, to be filled from a file.
    init(clip c: EncoderConfiguration, key: RandomKey?) {
        embeddings = PatchEmbeddings(c, key: key?.folded(with: 0))
        embeddingNorm = LayerNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon)
        layers = PreNormLayer.clipLayers(c, isCausal: false, key: key)
        norm = LayerNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon)
        configuration = c
    }

    public var parts: [NamedPart] { propertyParts.renamed(by: configuration.architecture.names) }

    /// - Parameters:
    ///   - pixels: `[N, C, S, S]`.
    ///   - samples: The number by which each image draws random numbers; 0, 1, 2 … when left out.
    ///   - context: Training or inference.
    /// - Returns: `[N, H]`, the class token of each.
    public func callAsFunction(_ pixels: Tensor, samples: [UInt32]? = nil, in context: Context) -> Tensor {
        let count = pixels.shape.first ?? 0
        let x = embeddings(pixels)
        // The tokens of an image are its places: that of the class, then those of the patches.
        let places = Array(0..<Int32(embeddings.positions.weight.shape[0]))
        let batch = TokenBatch(sequences: [[Int32]](repeating: places, count: count), samples: samples)
        let context = context.addressing(context.mode == .training ? batch.tokenAddresses : nil)
        let last = layers.reduce(embeddingNorm(x)) { $1($0, batch, in: context) }
        return norm(last.segmentFirst(batch.offsets))
    }
}
