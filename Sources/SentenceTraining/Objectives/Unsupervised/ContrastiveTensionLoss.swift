import Autodiff
import Layers
import Losses
import Requirements
import SentenceEmbeddings
import Training

/// Two copies of a model shall agree on equal sentences and disagree on different ones.
///
/// The binary cross-entropy `Σᵢ ln(1 + exp(sᵢ)) − yᵢ sᵢ` of the products `sᵢ = model1(aᵢ) · model2(bᵢ)`, summed over the
/// batch. `model2` is the model that is trained; `model1` begins as a copy of it, trains along without dropout, and is
/// dropped afterward.
///
/// - Inputs: two text columns; no labels (y is 1 where both texts have the same tokens), or labels from 0 to 1.
///   ``ContrastiveTensionDataLoader`` makes such rows of plain sentences.
/// - Reference: Carlsson et al. 2021, "Semantic Re-tuning with Contrastive Tension" (ICLR).
/// - Relatives: ``ContrastiveTensionLossInBatchNegatives``, which learns more from a batch.
public struct ContrastiveTensionLoss: OnePassObjective, SentenceObjective {
    fileprivate static let inputs = LossInputs(columns: ["sentence1", "sentence2"], labels: .optional(.scoresWithin(0...1)))
    public var inputs: LossInputs { Self.inputs }
    /// Embeds the first column.
    public let model1: SentenceTransformer

    /// - Parameter model: The one that will be trained.
    public init(model: SentenceTransformer) { model1 = model.copied() }

    public var parameters: [NamedParameter] { model1.namedParameters.named(under: "model1") }

    public func check(_ setting: LossSetting) throws {
        try inputs.check(loss: name, setting)
        try ContrastiveTension.check(model1, fits: setting, loss: name)
    }

    public func loss(_ model: SentenceTransformer, _ batch: TrainingBatch, in context: Context) -> LossValue {
        let a = model1(batch.tokens(ofColumn: 0), in: .inference).requiredSentenceEmbedding  // [B, D]
        let b = model(batch.tokens(ofColumn: 1), in: context).requiredSentenceEmbedding
        return OfEmbeddings()(LossBatch([a, b], labels: batch.labels ?? equalTokens(batch)))
    }

    /// `[B]`: 1 where the two texts have the same tokens.
    private func equalTokens(_ batch: TrainingBatch) -> Tensor {
        let rows = batch.rowCount
        func tokens(_ sequence: Int) -> ArraySlice<Int32> { batch.tokens.tokenIDs[batch.tokens.offsets[sequence]] }
        return Tensor((0..<rows).map { tokens($0) == tokens(rows + $0) ? 1 : 0 }, dtype: .float64)
    }

    /// The loss of the embeddings by `model1` and by `model2`; without labels, by which texts are equal.
    struct OfEmbeddings: Loss {
        let inputs = ContrastiveTensionLoss.inputs
        var name: String { "ContrastiveTensionLoss" }

        func sideInputs(for texts: [[String]]) -> SideInputs {
            [Tensor(zip(texts[0], texts[1]).map { $0 == $1 ? 1 : 0 }, dtype: .float64)]
        }

        func callAsFunction(_ batch: LossBatch) -> LossValue {
            let s = pairwiseDotProduct(batch.embeddings[0], batch.embeddings[1])  // [B]
            guard let labels = batch.labels ?? batch.sides.tensors.first, labels.count == s.count else {
                refuse("\(name): needs \(s.count) labels, not \(batch.labels?.shape.description ?? "none")")
            }
            return LossValue((s.softplus() - s * labels.reshaped(s.shape).cast(to: s.dtype).detached()).sum())
        }
    }

    public var citation: String? { ContrastiveTension.citation }
}

extension ObjectiveEntry {
    static let contrastiveTension = ObjectiveEntry(
        "ContrastiveTensionLoss", summary: "Two copies of the model shall agree on equal sentences and disagree on different ones.",
        formula: "Σ_i ln(1 + exp(s_i)) − y_i s_i, with s_i = model1(a_i) · model2(b_i)",
        inputs: ContrastiveTensionLoss.inputs, citation: ContrastiveTension.citation,
        ofEmbeddings: { ContrastiveTensionLoss.OfEmbeddings() }
    ) { ContrastiveTensionLoss(model: $0) }
}

/// What the two losses share.
enum ContrastiveTension {
    static func check(_ copy: SentenceTransformer, fits setting: LossSetting, loss: String) throws {
        guard copy.embeddingDimension == setting.embeddingDimension else {
            throw LossInputError(
                "\(loss) was made with a model of \(copy.embeddingDimension) dimensions, but the one to be "
                    + "trained has \(setting.embeddingDimension); make it with that model")
        }
    }

    static let citation = """
        @inproceedings{carlsson2021semantic,
            title = {Semantic Re-tuning with Contrastive Tension},
            author = {Fredrik Carlsson and Amaru Cuba Gyllensten and Evangelia Gogoulou and Erik Ylip{\\"a}{\\"a} Hellqvist and Magnus Sahlgren},
            booktitle = {International Conference on Learning Representations},
            year = {2021},
            url = {https://openreview.net/forum?id=Ov_sMNau-PF}
        }
        """
}
