import Autodiff
import Options

/// Pairs of pairs in the wrong order cost: the loss pushes similarities into the order of the labels.
///
/// `ln(1 + Σ exp(sᵢ − sⱼ))` over all ordered pairs of rows with `yᵢ < yⱼ`, where `sᵢ = scale · sim(aᵢ, bᵢ)`.
/// A sum within one logarithm, not a mean. Equal labels contribute nothing.
///
/// - Inputs: two text columns; labels of any scale, of which only the order counts.
/// - Reference: Su 2022, *CoSENT* (kexue.fm/archives/8847).
/// - Relatives: `CosineSimilarityLoss`, which fits the labels' values.
public struct CoSENTLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["sentence1", "sentence2"], labels: .scores)
    /// 1 / temperature.
    public var scale: Double
    /// Similarity of a pair.
    public var similarity: PairwiseSimilarity

    /// A loss with these options.
    public init(scale: Double = 20, similarity: PairwiseSimilarity = .cosine) {
        self.scale = scale
        self.similarity = similarity
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        pairOrderLoss(similarity(embeddings[0], embeddings[1]) * scale, labels: scalarLabels(labels, for: embeddings))
    }

    public var summary: String { "Pushes the similarities of pairs into the order of their scores." }
    public var formula: String { "ln(1 + Σ_{y_i < y_j} exp(scale · (sim_i − sim_j)))" }
    public var options: [OptionRow<Self>] {
        [.init("scale", \.scale, "1 / temperature"), .init("similarity_fct", \.similarity, "similarity of a pair")]
    }

    public var laws: [LossLaw] { similarity.laws + [.labelShiftInvariant, .labelScaleInvariant, .symmetric([0, 1])] }

    public var citation: String? {
        """
        @article{10531646,
            author = {Huang, Xiang and Peng, Hao and Zou, Dongcheng and Liu, Zhiwei and Li, Jianxin and Liu, Kay and Wu, Jia \
        and Su, Jianlin and Yu, Philip S.},
            journal = {IEEE/ACM Transactions on Audio, Speech, and Language Processing},
            title = {CoSENT: Consistent Sentence Embedding via Similarity Ranking},
            year = {2024},
            doi = {10.1109/TASLP.2024.3402087}
        }
        """
    }
}
