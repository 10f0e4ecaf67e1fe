import Autodiff
import Layers

/// Two sentences' embeddings shall tell the class of the pair, by a linear classifier that is trained beside the model.
///
/// `−mean ln softmax(W f + b)ᵧ` with `f = [u, v, |u − v|, u · v]`, of which one chooses the parts; for labels that are
/// probabilities, `−mean Σ yₖ ln softmax(W f + b)ₖ`.
///
/// - Inputs: two text columns; labels 0 … K − 1, or lists of K probabilities.
/// - Defaults: `u`, `v` and `|u − v|`; weights and biases from `−1/√n … 1/√n`, n the width of f.
/// - Reference: Reimers & Gurevych 2019, *Sentence-BERT* (arXiv:1908.10084).
/// - Relatives: `MultipleNegativesRankingLoss`, which embeds better from the same entailment data.
public struct SoftmaxLoss: EmbeddingLoss {
    /// A part of what the classifier sees.
    public enum Feature: String, Sendable, CaseIterable {
        /// Both embeddings, one after the other.
        case embeddings = "concatenation_sent_rep"
        /// |u − v|.
        case difference = "concatenation_sent_difference"
        /// u · v, number by number.
        case product = "concatenation_sent_multiplication"
    }

    public let inputs = LossInputs(columns: ["sentence1", "sentence2"], labels: .classesOrProbabilities)
    public let features: Set<Feature>
    /// `[k D] → [K]`.
    public let classifier: Linear

    /// - Parameters:
    ///   - embeddingDimension: D, the width of the model's embeddings.
    ///   - classCount: K.
    public init(
        embeddingDimension: Int, classCount: Int, features: Set<Feature> = [.embeddings, .difference], dtype: DType = .float32,
        key: RandomKey = RandomKey(42)
    ) {
        precondition(!features.isEmpty, "SoftmaxLoss: needs at least one feature")
        precondition(classCount > 1, "SoftmaxLoss: \(classCount) classes are too few")
        self.features = features
        let width = embeddingDimension * (features.count + (features.contains(.embeddings) ? 1 : 0))
        let bound = 1 / Double(width).squareRoot()
        classifier = Linear(
            weight: .uniform([classCount, width], from: -bound, to: bound, dtype: dtype, key: key.folded(with: 0)),
            bias: .uniform([classCount], from: -bound, to: bound, dtype: dtype, key: key.folded(with: 1)))
    }

    /// K.
    public var classCount: Int { classifier.weight.shape[0] }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let logits = self.logits(embeddings[0], embeddings[1])                         // [B, K]
        if let labels, labels.shape == logits.shape {
            return -(labels.cast(to: logits.dtype).detached() * logits.logSoftmax()).sum() / Double(logits.shape[0])
        }
        let classes = scalarLabels(labels, for: embeddings).values.map { Int($0) }
        return logits.crossEntropy(targets: Tensor(indices: classes))
    }

    /// What the classifier makes of pairs, `[B, D]` each: `[B, K]`.
    public func logits(_ u: Tensor, _ v: Tensor) -> Tensor {
        let parts = (features.contains(.embeddings) ? [u, v] : []) + (features.contains(.difference) ? [(u - v).abs()] : [])
            + (features.contains(.product) ? [u * v] : [])
        return classifier(Tensor.concatenating(parts, alongAxis: 1).cast(to: classifier.weight.value.dtype))
    }

    public var parameters: [NamedParameter] { classifier.namedParameters.named(under: "classifier") }
    public var acceptsTruncatedEmbeddings: Bool { false }

    public func check(_ setting: LossSetting) throws {
        let width = classifier.weight.shape[1] / (features.count + (features.contains(.embeddings) ? 1 : 0))
        guard width == setting.embeddingDimension else {
            throw LossInputError("\(name): the classifier takes embeddings of \(width) numbers, but the model's have "
                + "\(setting.embeddingDimension)")
        }
        guard let labels = setting.labels else { return }
        func refuse(_ got: String) -> LossInputError {
            LossInputError("\(name) takes class numbers from 0 to \(classCount - 1), or lists of \(classCount) probabilities, "
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

    public var configuration: [(key: String, value: String)] {
        [("num_labels", "\(classCount)")] + Feature.allCases.map { ($0.rawValue, "\(features.contains($0))") }
    }

    public var citation: String? { Citations.sentenceBERT }
}
