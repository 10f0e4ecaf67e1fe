import Autodiff
import Layers
import Options
import Requirements

/// Two sentences' embeddings shall tell the class of the pair, by a linear classifier that is trained beside the model.
///
/// `−mean ln softmax(W f + b)ᵧ` with `f = [u, v, |u − v|, u · v]`, of which one chooses the parts; for labels that are
/// probabilities, `−mean Σ yₖ ln softmax(W f + b)ₖ`. W and b are drawn from `−1/√n … 1/√n`, n the width of f.
///
/// - Inputs: two text columns; labels 0 … K − 1, or lists of K probabilities.
/// - Reference: Reimers & Gurevych 2019, *Sentence-BERT* (arXiv:1908.10084).
/// - Relatives: `MultipleNegativesRankingLoss`, which embeds better from the same entailment data.
public struct SoftmaxLoss: EmbeddingLoss {
    /// A part of what the classifier sees.
    public enum Feature: Sendable, CaseIterable {
        /// Both embeddings, one after the other.
        case embeddings
        /// |u − v|.
        case difference
        /// u · v, number by number.
        case product
    }

    public var inputs: LossInputs { LossInputs(columns: ["sentence1", "sentence2"], labels: .classesOrProbabilities(count: classCount)) }
    /// What the classifier sees of a pair.
    public private(set) var features: Set<Feature>
    /// D and K; nil until the surroundings tell.
    public private(set) var embeddingDimension, classCount: Int?
    private var ownClassifier: Linear?
    private let dtype: DType
    private let key: RandomKey

    /// - Parameters:
    ///   - embeddingDimension: D, the width of the model's embeddings.
    ///   - classCount: K.
    ///   - features: What the classifier sees of a pair.
    ///   - dtype: Of its weights.
    ///   - key: Draws them.
    public init(
        embeddingDimension: Int? = nil, classCount: Int? = nil, features: Set<Feature> = [.embeddings, .difference],
        dtype: DType = .float32, key: RandomKey = RandomKey(42)
    ) {
        (self.embeddingDimension, self.classCount, self.features) = (embeddingDimension, classCount, features)
        (self.dtype, self.key) = (dtype, key)
        requireOptions()
        ownClassifier = drawnClassifier()
    }

    /// Nil without D and K.
    private func drawnClassifier() -> Linear? {
        guard let embeddingDimension, let classCount else { return nil }
        let width = embeddingDimension * (features.count + (features.contains(.embeddings) ? 1 : 0))
        let bound = 1 / Double(width).squareRoot()
        return Linear(
            weight: .uniform([classCount, width], from: -bound, to: bound, dtype: dtype, key: key.folded(with: 0)),
            bias: .uniform([classCount], from: -bound, to: bound, dtype: dtype, key: key.folded(with: 1)))
    }

    /// `[k D] → [K]`.
    ///
    /// - Precondition: D and K are known.
    public var classifier: Linear {
        guard let ownClassifier else { refuse("SoftmaxLoss: the classifier needs embeddingDimension and classCount") }
        return ownClassifier
    }

    public func completed(in surroundings: LossSurroundings) throws -> SoftmaxLoss {
        guard ownClassifier == nil else { return self }
        var loss = self
        loss.embeddingDimension = embeddingDimension ?? surroundings.embeddingDimension
        loss.classCount = try classCount ?? surroundings.classCount?(name)
        if loss.classCount == nil { throw LossInputError("\(name): num_labels must be the number of classes, 2 or more, not nothing") }
        if loss.embeddingDimension == nil {
            throw LossInputError("\(name): embedding_dimension must be the width of the embeddings, 1 or more, not nothing")
        }
        try loss.checkOptions(of: name)
        loss.ownClassifier = loss.drawnClassifier()
        return loss
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let logits = self.logits(embeddings[0], embeddings[1])  // [B, K]
        if let labels, labels.shape == logits.shape {
            return -(labels.cast(to: logits.dtype).detached() * logits.logSoftmax()).sum() / Double(logits.shape[0])
        }
        let classes = scalarLabels(labels, for: embeddings).values.map { Int($0) }
        return logits.crossEntropy(targets: Tensor(indices: classes))
    }

    /// What the classifier makes of pairs, `[B, D]` each: `[B, K]`.
    public func logits(_ u: Tensor, _ v: Tensor) -> Tensor {
        let parts =
            (features.contains(.embeddings) ? [u, v] : []) + (features.contains(.difference) ? [(u - v).abs()] : [])
            + (features.contains(.product) ? [u * v] : [])
        return classifier(Tensor.concatenating(parts, alongAxis: 1).cast(to: classifier.weight.value.dtype))
    }

    public var parameters: [NamedParameter] { ownClassifier?.namedParameters.named(under: "classifier") ?? [] }
    public var acceptsTruncatedEmbeddings: Bool { false }

    public func check(_ setting: LossSetting) throws {
        guard let embeddingDimension, let classCount else {
            throw LossInputError("\(name) needs embeddingDimension, the width of the model's embeddings, and classCount")
        }
        guard embeddingDimension == setting.embeddingDimension else {
            throw LossInputError(
                "\(name): the classifier takes embeddings of \(embeddingDimension) numbers, but the model's have "
                    + "\(setting.embeddingDimension)")
        }
        guard let labels = setting.labels else { return }
        func refuse(_ got: String) -> LossInputError {
            LossInputError(
                "\(name) takes class numbers from 0 to \(classCount - 1), or lists of \(classCount) probabilities, "
                    + "but column \(labels.name) holds \(got)")
        }
        let (lowest, highest) = (labels.range.lowerBound, labels.range.upperBound)
        if labels.shape == [classCount] {
            guard lowest >= 0 && highest <= 1 else { throw refuse("lists of numbers from \(lowest) to \(highest)") }
            return
        }
        guard labels.shape.isEmpty || labels.shape == [1] else { throw refuse(labels.content) }
        guard labels.areIntegers else { throw refuse("numbers with fractions") }
        guard lowest >= 0 && highest < Double(classCount) else { throw refuse("numbers from \(Int(lowest)) to \(Int(highest))") }
        guard labels.distinctCount != 1 else { throw refuse("the label \(Int(lowest)) in every row") }
    }

    private subscript(sees feature: Feature) -> Bool {
        get { features.contains(feature) }
        set { if newValue { features.insert(feature) } else { features.remove(feature) } }
    }

    public var summary: String { "Two embeddings tell the class of the pair, by a classifier that is trained beside the model." }
    public var formula: String { "−mean_i ln softmax(W [u_i, v_i, |u_i − v_i|] + b)_{y_i}" }
    public var options: [OptionRow<Self>] {
        [
            .init("embedding_dimension", \.embeddingDimension, "width of the embeddings", .atLeast(1)).defaulting(to: "the model's"),
            .init("num_labels", \.classCount, "number of classes", .atLeast(2)).defaulting(to: "the data's"),
            .init("concatenation_sent_rep", \.[sees: .embeddings], "the classifier sees u and v")
                .where("true unless another concatenation is") { !$0.features.isEmpty },
            .init("concatenation_sent_difference", \.[sees: .difference], "it sees |u − v|"),
            .init("concatenation_sent_multiplication", \.[sees: .product], "it sees u · v"),
        ]
    }

    public var citation: String? { Citations.sentenceBERT }
}
