import Autodiff
import Foundation
import Layers
import Options
import Requirements

/// Any loss at several layers at once, so that a model cut to its first layers still embeds well.
///
/// ```
/// w_last · loss(Eₙ) + Σ_l ( w_prior · w(l) / |A| · loss(E_l) + w_KL · T · KL(softmax(Eₙ / T) ‖ softmax(E_l / T)) )
/// ```
///
/// over the chosen layers l in A. `E_l` is what the model's remaining modules make of layer l; layer 0 is the embedding
/// layer. The soft-max runs over the embeddings' numbers, rows of all columns together; the last layer is a teacher and
/// gets no gradient of the divergence.
///
/// - Inputs: those of the loss inside, and the embeddings of every layer.
/// - Reference: Li et al. 2024, *2D Matryoshka Sentence Embeddings* (arXiv:2402.14776).
/// - Relatives: `Matryoshka` goes inside of it, `Cached` around it.
public struct AdaptiveLayer: LossModifier {
    public var loss: any Loss
    /// How many layers below the last a step draws; nil: it takes all.
    public var layersPerStep: Int?
    /// Weight of the last layer's loss.
    public var lastLayerWeight: Double
    /// Weight of the other layers' losses.
    public var priorLayersWeight: Double
    /// Weight of the divergence from the last layer.
    public var klDivWeight: Double
    /// T; zero or less turns the divergence off.
    public var klTemperature: Double
    /// How the weight of a layer depends on its number.
    public var layerWeighting: LayerWeighting

    /// A loss of several layers of embeddings; without `layersPerStep` every step takes all layers.
    public init(
        _ loss: any Loss, layersPerStep: Int? = 1, lastLayerWeight: Double = 1, priorLayersWeight: Double = 1,
        klDivWeight: Double = 1, klTemperature: Double = 0.3, layerWeighting: LayerWeighting = .uniform
    ) {
        self.loss = loss
        self.layersPerStep = layersPerStep.flatMap { $0 > 0 ? $0 : nil }
        (self.lastLayerWeight, self.priorLayersWeight) = (lastLayerWeight, priorLayersWeight)
        (self.klDivWeight, self.klTemperature, self.layerWeighting) = (klDivWeight, klTemperature, layerWeighting)
    }

    public var needsEveryLayer: Bool { true }
    public var acceptsTruncatedEmbeddings: Bool { loss.acceptsTruncatedEmbeddings }

    public func callAsFunction(_ batch: LossBatch) -> LossValue {
        let prior = max(0, batch.layers.count - 1)
        return self(batch, at: batch.key.map { $0.drawing(layersPerStep, of: prior) } ?? Array(0..<prior))
    }

    /// The sum over chosen layers only.
    ///
    /// - Parameters:
    ///   - batch: With the embeddings of every layer.
    ///   - chosen: Numbers of layers below the last; 0 is the embedding layer.
    public func callAsFunction(_ batch: LossBatch, at chosen: [Int]) -> LossValue {
        require(!batch.layers.isEmpty, "AdaptiveLayer: the batch holds no embeddings of layers")
        func value(_ embeddings: [Tensor], layer: Int) -> LossValue {
            var part = batch.replacing(embeddings: embeddings)
            part.layers = []
            part.key = batch.key?.folded(with: UInt64(layer))
            return loss(part)
        }
        var sum = value(batch.layers.last!, layer: batch.layers.count - 1) * lastLayerWeight
        let teacher = Tensor.concatenating(batch.layers.last!).detached()  // [C B, D]
        for layer in chosen {
            let embeddings = batch.layers[layer]
            sum = sum + value(embeddings, layer: layer) * (priorLayersWeight * layerWeighting.weight(layer) / Double(chosen.count))
            if klTemperature > 0 {
                let divergence = divergence(of: .concatenating(embeddings), from: teacher)
                sum = sum + LossValue(divergence * (klDivWeight * klTemperature))
            }
        }
        return sum
    }

    /// Mean over the rows of Σ P (ln P − ln Q), P and Q the soft-max of teacher and student.
    private func divergence(of student: Tensor, from teacher: Tensor) -> Tensor {
        let logP = (teacher / klTemperature).logSoftmax()
        let logQ = (student / klTemperature).logSoftmax()
        return (logP.exp() * (logP - logQ)).sum() / Double(student.shape[0])
    }

    public func check(_ setting: LossSetting) throws {
        guard !loss.needsEveryLayer else {
            throw LossInputError("AdaptiveLayer cannot be put around \(loss.name), which sees every layer already")
        }
        guard setting.layerCount > 0 else {
            throw LossInputError("AdaptiveLayer needs a model with at least one layer")
        }
        try loss.check(setting)
    }

    public var laws: [LossLaw] {
        loss.laws.filter { $0.holdsForAnyEmbeddings && ($0 != .repeatedRowsTeachNothing || !hasDivergence) }
    }
    public var lawExceptions: [LawException] { loss.lawExceptions + (hasDivergence ? [.lastLayerIsTeacher] : []) }
    private var hasDivergence: Bool { klTemperature > 0 && klDivWeight != 0 }

    /// The loss inside as Matryoshka; both together have a name and options of their own.
    private var matryoshka: Matryoshka? {
        get { loss as? Matryoshka }
        set { loss = newValue ?? loss }
    }
    public var innerLoss: any Loss {
        get { matryoshka?.loss ?? loss }
        set { if loss is Matryoshka { matryoshka?.loss = newValue } else { loss = newValue } }
    }
    public var name: String { matryoshka == nil ? "AdaptiveLayerLoss" : "Matryoshka2dLoss" }
    public var summary: String {
        matryoshka == nil
            ? "Any loss at several layers at once, so that the model can be cut to its first layers."
            : "AdaptiveLayer around Matryoshka: fewer layers and fewer dimensions."
    }
    public var formula: String {
        matryoshka == nil
            ? "w_last · loss(E_n) + Σ_l (w_prior · w(l) / |A| · loss(E_l) + w_KL · T · KL(softmax(E_n / T) ‖ softmax(E_l / T)))"
            : "AdaptiveLayer(Matryoshka(loss)), by default one layer and one width drawn in every step"
    }
    public var options: [OptionRow<Self>] {
        (matryoshka?.options ?? []).map { OptionRow($0, of: \Self.matryoshka!) } + [
            .init("n_layers_per_step", \.layersPerStep.orAll, "layers below the last that a step draws; -1: all"),
            .init("last_layer_weight", \.lastLayerWeight, "weight of the last layer"),
            .init("prior_layers_weight", \.priorLayersWeight, "weight of the others"),
            .init("kl_div_weight", \.klDivWeight, "weight of the divergence from the last layer"),
            .init("kl_temperature", \.klTemperature, "its temperature; 0: none"),
            .init("layer_weighting", \.layerWeighting, "how the weight falls toward the first layer"),
        ]
    }
    public var citation: String? {
        Citations.arXiv(
            "li20242d", title: "2D Matryoshka Sentence Embeddings",
            author: "Xianming Li and Zongxi Li and Jing Li and Haoran Xie and Qing Li", year: 2024, eprint: "2402.14776")
    }
}

/// The name that the field knows it by.
public typealias AdaptiveLayerLoss = AdaptiveLayer

/// How much each layer below the last counts.
public struct LayerWeighting: OptionChoice {
    public let name: String
    /// The weight of a layer; 0 is the embedding layer.
    public let weight: @Sendable (Int) -> Double

    /// A weighting by a rule of your own, under a name.
    public init(_ name: String, _ weight: @escaping @Sendable (Int) -> Double) {
        self.name = name
        self.weight = weight
    }

    /// One for every layer.
    public static let uniform = LayerWeighting("uniform") { _ in 1 }
    /// 1 / (1 + ln(1 + l)).
    public static let log = LayerWeighting("log") { 1 / (1 + Foundation.log(Double(1 + $0))) }
    /// 1 / (1 + l).
    public static let linear = LayerWeighting("linear") { 1 / Double(1 + $0) }

    public static let all = [uniform, log, linear]
}

/// Two-dimensional Matryoshka: fewer layers and fewer dimensions, by default one of each drawn in every step.
public func Matryoshka2dLoss(
    _ loss: any Loss, dimensions: [Int], weights: [Double]? = nil, layersPerStep: Int? = 1, dimensionsPerStep: Int? = 1
) -> AdaptiveLayer {
    AdaptiveLayer(
        Matryoshka(loss, dimensions: dimensions, weights: weights, dimensionsPerStep: dimensionsPerStep), layersPerStep: layersPerStep)
}
