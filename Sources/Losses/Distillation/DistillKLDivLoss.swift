import Autodiff
import Options
import Requirements

/// The distribution over a query's candidates shall be that of a teacher.
///
/// `Ts² · mean Σₖ P (ln P − ln Q)` over the rows: the divergence of `Q = softmax(sim(aᵢ, xᵢₖ) / Ts)` from the teacher's
/// `P = softmax(yᵢₖ / Tt)`, with `0 · ln 0 = 0`. A score of −∞ takes a candidate away from the teacher.
///
/// - Inputs: three or more text columns: query, positive, negatives; as labels the teacher's scores of positive and
///   negatives, `[B, C − 1]`.
/// - Reference: Lin et al. 2020 (arXiv:2010.11386).
/// - Relatives: `MarginMSELoss`, which compares margins.
public struct DistillKLDivLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["query", "positive", "negative"], allowsMoreColumns: true, labels: .teacher)
    /// Similarity of a query and a candidate.
    public var similarity: PairwiseSimilarity
    /// Of student and teacher where they have none of their own.
    public var temperature: Double
    /// The student's and the teacher's own; nil: `temperature`.
    public var studentTemperature, teacherTemperature: Double?

    /// A loss with these options.
    public init(
        similarity: PairwiseSimilarity = .dot, temperature: Double = 1, studentTemperature: Double? = nil,
        teacherTemperature: Double? = nil
    ) {
        (self.similarity, self.temperature) = (similarity, temperature)
        (self.studentTemperature, self.teacherTemperature) = (studentTemperature, teacherTemperature)
        requireOptions()
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let ts = studentTemperature ?? temperature
        let logQ = (candidateScores(embeddings, by: similarity) / ts).logSoftmax()  // [B, C − 1]
        let logP = teacherLogProbabilities(labels, for: logQ)
        let p = logP.exp()
        let divergence = p * (logP.filled(with: 0, where: p .== 0) - logQ)
        return divergence.sum() * (ts * ts / Double(logQ.shape[0]))
    }

    private func teacherLogProbabilities(_ labels: Tensor?, for scores: Tensor) -> Tensor {
        guard let labels, labels.shape == scores.shape else {
            refuse("\(name): needs teacher scores \(scores.shape), not \(labels?.shape.description ?? "none")")
        }
        let logits = labels.cast(to: scores.dtype).detached() / (teacherTemperature ?? temperature)
        require(logits.logSumExp().isFinite, "\(name): the teacher's scores hold NaN or +∞, or a row of −∞ alone")
        return logits.logSoftmax()
    }

    public func check(_ setting: LossSetting) throws {
        let candidates = setting.textColumns.count - 1
        guard let labels = setting.labels, labels.shape != [candidates] else { return }
        throw LossInputError(
            "\(name) takes \(candidates) teacher scores a row, one for each candidate, but column "
                + "\(labels.name) holds \(labels.content)")
    }

    public var summary: String { "The distribution over a query's candidates shall be that of a teacher." }
    public var formula: String { "T_s² · mean_i KL(softmax_k(y_ik / T_t) ‖ softmax_k(sim(a_i, x_ik) / T_s))" }
    public var options: [OptionRow<Self>] {
        let bound = Bound<Double>("more than 0 and finite") { $0 > 0 && $0.isFinite }
        return [
            .init("similarity_fct", \.similarity, "similarity of a query and a candidate"),
            .init("temperature", \.temperature, "of student and teacher", bound),
            .init("student_temperature", \.studentTemperature, "the student's own", bound),
            .init("teacher_temperature", \.teacherTemperature, "the teacher's own", bound),
        ]
    }

    public var citation: String? {
        Citations.arXiv(
            "lin2020distillingdenserepresentationsranking",
            title: "Distilling Dense Representations for Ranking using Tightly-Coupled Teachers",
            author: "Sheng-Chieh Lin and Jheng-Hong Yang and Jimmy Lin", year: 2020, eprint: "2010.11386")
    }
}
