import Autodiff
import Layers
import Requirements

/// CLIP (Radford et al. 2021): an encoder of texts and one of images, whose embeddings can be compared.
public struct CLIPEncoder: Module {
    /// Of texts.
    public private(set) var text: TransformerEncoder
    /// Of images.
    public let vision: VisionEncoder
    /// From the towers' widths to D.
    public let visualProjection, textProjection: Linear  // [D, H] each
    /// `[]`: the logarithm of what similarities are multiplied by.
    public let logitScale: Parameter  // []
    /// The sizes.
    public let configuration: CLIPConfiguration

    init(_ c: CLIPConfiguration, key: RandomKey?) {
        func projection(_ tower: EncoderConfiguration, _ number: UInt64) -> Linear {
            Linear(
                inputWidth: tower.hiddenSize, outputWidth: c.projectionSize, hasBias: false, standardDeviation: tower.initializerRange,
                key: key?.folded(with: number))
        }
        text = TransformerEncoder(clip: c.text, key: key?.folded(with: 0))
        vision = VisionEncoder(clip: c.vision, key: key?.folded(with: 1))
        visualProjection = projection(c.vision, 2)
        textProjection = projection(c.text, 3)
        logitScale = Parameter(Tensor(c.logitScale))
        configuration = c
    }

    public var parts: [NamedPart] {
        propertyParts.renamed(by: [
            "text": "text_model", "vision": "vision_model", "visualProjection": "visual_projection", "textProjection": "text_projection",
            "logitScale": "logit_scale",
        ])
    }

    /// - Parameters:
    ///   - batch: Texts, each with the token that ends it.
    ///   - context: Training or inference.
    /// - Returns: `[B, D]`: the state of the token that ends each, projected.
    public func textFeatures(_ batch: TokenBatch, in context: Context) -> Tensor {
        guard let states = text.hiddenStates(batch, in: context).last else { refuse("CLIPEncoder: the text tower has no states") }
        return textProjection(states.gatheringRows(at: Tensor(indices: ends(of: batch))))
    }

    /// - Parameters:
    ///   - pixels: `[N, C, S, S]`, as an image processor makes them.
    ///   - samples: The number by which each image draws random numbers; 0, 1, 2 … when left out.
    ///   - context: Training or inference.
    /// - Returns: `[N, D]`.
    public func imageFeatures(_ pixels: Tensor, samples: [UInt32]? = nil, in context: Context) -> Tensor {
        visualProjection(vision(pixels, samples: samples, in: context))
    }

    /// The row of each sequence's end; of its first token where none ends it.
    private func ends(of batch: TokenBatch) -> [Int] {
        let end = configuration.text[.endOfText]
        return (0..<batch.count).map { sequence in
            let range = batch.offsets[sequence], ids = batch.tokenIDs[range]
            require(!ids.isEmpty, "CLIPEncoder: sequence \(sequence) has no token")
            return (end == 2 ? ids.firstIndex(of: ids.max()!) : ids.firstIndex(of: Int32(end))) ?? range.lowerBound
        }
    }

    /// This model, with the same parameters, whose text tower is as training may want it.
    public func training(_ settings: EncoderTraining) -> CLIPEncoder? {
        guard let text = text.training(settings) else { return nil }
        var encoder = self
        encoder.text = text
        return encoder
    }

    /// A model with parameters of its own, which are equal to those of this one.
    public func copied() -> CLIPEncoder { CLIPEncoder(configuration, key: nil).takingValues(of: self) }
}
