import Autodiff
import Options
import Requirements

/// The margin between a positive and a negative shall be that of a teacher.
///
/// The mean over rows and negatives k of `(m − t)²`, where `mᵢₖ = sim(aᵢ, pᵢ) − sim(aᵢ, nᵢₖ)` and t is the teacher's
/// margin: the difference of its two scores. Margins may be negative.
///
/// - Inputs: three or more text columns: query, positive, negatives; as labels the teacher's margins, `[B]` for one
///   negative or `[B, K]` for K of them, or its scores of positive and negatives, `[B, K + 1]`.
/// - Reference: Hofstätter et al. 2020 (arXiv:2010.02666).
/// - Relatives: `DistillKLDivLoss`, which compares distributions over the candidates.
public struct MarginMSELoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["query", "positive", "negative"], allowsMoreColumns: true, labels: .teacher)
    /// Similarity of a query and a candidate.
    public var similarity: PairwiseSimilarity

    /// A loss with this similarity.
    public init(similarity: PairwiseSimilarity = .dot) { self.similarity = similarity }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let scores = candidateScores(embeddings, by: similarity)  // [B, K + 1]
        return (margins(of: scores) - teacherMargins(labels, for: scores)).square().mean()
    }

    /// `[B, K]`: how far the first of `[B, K + 1]` scores is above the others.
    private func margins(of scores: Tensor) -> Tensor {
        scores.sliced(0..<1, alongAxis: 1) - scores.sliced(1..<scores.shape[1], alongAxis: 1)
    }

    private func teacherMargins(_ labels: Tensor?, for scores: Tensor) -> Tensor {
        let (rows, negatives) = (scores.shape[0], scores.shape[1] - 1)
        let teacher = labels?.cast(to: scores.dtype).detached()
        switch teacher?.shape {
        case [rows, negatives + 1]?: return margins(of: teacher!)
        case [rows, negatives]?: return teacher!
        case [rows]? where negatives == 1: return teacher!.reshaped([rows, 1])
        default:
            refuse(
                "\(name): needs margins [\(rows), \(negatives)] or scores [\(rows), \(negatives + 1)], "
                    + "not \(labels?.shape.description ?? "none")")
        }
    }

    public func check(_ setting: LossSetting) throws {
        let negatives = setting.textColumns.count - 2
        guard let labels = setting.labels, labels.shape != [negatives + 1], labels.shape != [negatives],
            negatives > 1 || labels.shape != []
        else { return }
        let margins = negatives == 1 ? "one margin a row" : "\(negatives) margins a row, one for each negative"
        throw LossInputError(
            "\(name) takes \(margins), or \(negatives + 1) scores, that of the positive first, but column "
                + "\(labels.name) holds \(labels.content)")
    }

    public var summary: String { "The margin between a positive and a negative shall be that of a teacher." }
    public var formula: String { "mean_i mean_k (sim(a_i, p_i) − sim(a_i, n_ik) − t_ik)²" }
    public var options: [OptionRow<Self>] { [.init("similarity_fct", \.similarity, "similarity of a query and a candidate")] }

    public var citation: String? {
        Citations.arXiv(
            "hofstatter2021improving",
            title: "Improving Efficient Neural Ranking Models with Cross-Architecture Knowledge Distillation",
            author: #"Sebastian Hofst{\"a}tter and Sophia Althammer and Michael Schr{\"o}der and Mete Sertkan and Allan Hanbury"#,
            year: 2021, eprint: "2010.02666")
    }
}

/// The similarity of the first column's rows to those of each other column: `[B, C − 1]`.
func candidateScores(_ embeddings: [Tensor], by similarity: PairwiseSimilarity) -> Tensor {
    Tensor.concatenating(embeddings.dropFirst().map { similarity(embeddings[0], $0).reshaped([-1, 1]) }, alongAxis: 1)
}
