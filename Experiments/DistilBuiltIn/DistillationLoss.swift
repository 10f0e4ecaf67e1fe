import Tapestry

/// Gives each text the direction that a teacher gives it, and each two texts of a batch the teacher's cosine.
///
/// `mean_i (1 − cos(xᵢ, tᵢ)) + weight · mean_ij (cos(xᵢ, xⱼ) − cos(tᵢ, tⱼ))²`
struct DistillationLoss: EmbeddingLoss {
    let inputs = LossInputs(columns: ["text"], labels: .teacher, minimumRows: 2)
    var weight = 1.0

    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        guard let labels else { preconditionFailure("DistillationLoss: needs the teacher's embeddings as labels") }
        let x = embeddings[0].normalized()  // [B, D]
        let t = labels.cast(to: x.dtype).normalized()  // [B, D]
        let directions = 1 - pairwiseDotProduct(x, t)  // [B]
        let cosines = (dotProduct(x, x) - dotProduct(t, t)).square()  // [B, B]
        return directions.mean() + weight * cosines.mean()
    }
}
