import Autodiff
import Layers
import Losses
import Options
import SentenceEmbeddings
import Training

/// Two copies of a model shall find a sentence among all of the batch by each other's embeddings.
///
/// The cross-entropy of the logits `Z = exp(logit_scale) · sim(model1(X), model2(X))` with the diagonal as targets, by
/// rows and by columns, each a mean over the batch, halved. `logit_scale` is learned and begins as `ln scale`. `model2` is
/// the model that is trained; `model1` begins as a copy of it, trains along without dropout, and is dropped afterward.
///
/// - Inputs: one text column, no labels. A batch should not hold the same text twice: use the NO_DUPLICATES sampler, or
///   `masksDuplicates`, which leaves equal texts out of each other's candidates.
/// - Reference: Carlsson et al. 2021, "Semantic Re-tuning with Contrastive Tension" (ICLR).
/// - Relatives: ``ContrastiveTensionLoss`` on pairs; `MultipleNegativesRankingLoss` of a text with itself is SimCSE.
public struct ContrastiveTensionLossInBatchNegatives: OnePassObjective, SentenceObjective {
    fileprivate static let inputs = LossInputs(columns: ["sentence"])
    public var inputs: LossInputs { Self.inputs }
    /// Embeds the rows of the logits.
    public let model1: SentenceTransformer
    private var loss: OfEmbeddings

    /// What it can be told.
    public struct Settings: Configurable, Sendable {
        /// What exp(logit_scale) begins as.
        public var scale: Double
        /// Similarity of all rows with all.
        public var similarity: SimilarityMatrix
        /// Whether equal sentences are no negatives of each other.
        public var masksDuplicates: Bool

        /// The settings by their values.
        public init(scale: Double = 20, similarity: SimilarityMatrix = .cosine, masksDuplicates: Bool = false) {
            self.scale = scale
            self.similarity = similarity
            self.masksDuplicates = masksDuplicates
        }

        public var options: [OptionRow<Self>] {
            [
                .init("scale", \.scale, "what exp(logit_scale) begins as", .moreThan(0)),
                .init("similarity_fct", \.similarity, "similarity of all rows with all"),
                .init("mask_duplicates", \.masksDuplicates, "leave out candidates that are the row's text again"),
            ]
        }
    }

    /// - Parameters:
    ///   - model: The one that will be trained.
    ///   - settings: Its options.
    public init(model: SentenceTransformer, _ settings: Settings = Settings()) {
        settings.requireOptions()
        model1 = model.copied()
        loss = OfEmbeddings(settings, dtype: model.parameters.first?.value.dtype ?? .float32)
    }

    /// A scalar: the logarithm of what similarities are multiplied with.
    public var logitScale: Parameter { loss.logitScale }

    /// Most similarities that are in memory at once; the result does not depend on it.
    public var elementsPerBlock: Int {
        get { loss.elementsPerBlock }
        set { loss.elementsPerBlock = newValue }
    }

    public var parameters: [NamedParameter] { loss.parameters + model1.namedParameters.named(under: "model1") }

    public func check(_ setting: LossSetting) throws {
        try inputs.check(loss: name, setting)
        try ContrastiveTension.check(model1, fits: setting, loss: name)
    }

    public func loss(_ model: SentenceTransformer, _ batch: TrainingBatch, in context: Context) -> LossValue {
        let a = model1(batch.tokens, in: .inference).requiredSentenceEmbedding  // [B, D]
        let b = model(batch.tokens, in: context).requiredSentenceEmbedding
        return loss(LossBatch([a, b], sides: loss.sideInputs(for: batch.texts)))
    }

    /// With the scale as it was learned.
    public var configuration: [(key: String, value: String)] {
        var learned = loss.settings
        learned.scale = logitScale.value.exp().item
        return learned.optionValues
    }

    public var citation: String? { ContrastiveTension.citation }
}

extension ContrastiveTensionLossInBatchNegatives {
    /// The loss of the embeddings by `model1` and by `model2`; of one column, of the same embeddings by both.
    struct OfEmbeddings: BlockwiseLoss {
        let inputs = LossInputs(columns: ["sentence"], allowsMoreColumns: true)
        let settings: Settings
        let logitScale: Parameter
        var elementsPerBlock = BlockSize.defaultElements

        init(_ settings: Settings, dtype: DType) {
            self.settings = settings
            logitScale = Parameter(Tensor(settings.scale, dtype: dtype).log())
        }

        var name: String { "ContrastiveTensionLossInBatchNegatives" }
        var parameters: [NamedParameter] { [NamedParameter(name: "logit_scale", parameter: logitScale)] }

        func sideInputs(for texts: [[String]]) -> SideInputs {
            settings.masksDuplicates ? SideInputs([TextIdentities(texts).tensor]) : []
        }

        func check(_ setting: LossSetting) throws {
            let count = setting.textColumns.count
            if count > 2 { throw LossInputError("\(name) takes the embeddings by two encoders at most, but there are \(count) columns") }
        }

        func callAsFunction(_ batch: LossBatch) -> LossValue {
            let similarity = settings.similarity
            let a = similarity.prepare(batch.embeddings[0]), b = similarity.prepare(batch.embeddings.last!)  // [B, D]
            let texts = batch.sides.tensors.first.map { TextIdentities($0) }
            let rows = batch.rowCount
            let sum = blockwiseSum(
                [a, b], with: [a, b, logitScale.value], blockSize: BlockSize.rows(width: 2 * rows, elementsPerBlock)
            ) { range, own, all in
                let scale = all[2].exp()
                let targets = Tensor(indices: Array(range))
                func lossSum(_ similarities: Tensor) -> Tensor {  // of [b, B]
                    var logits = similarities * scale
                    if let texts {
                        logits = logits.filled(
                            with: -.infinity,
                            where: .mask(rows: range, columns: rows) { i, j in
                                j != i && texts.isSameQuery(j, i)
                            })
                    }
                    return logits.crossEntropy(targets: targets) * Double(range.count)
                }
                return lossSum(similarity.ofPrepared(own[0], all[1]))
                    + lossSum(similarity.ofPrepared(all[0], own[1]).transposed())
            }
            return LossValue(sum / Double(2 * rows))
        }
    }
}

extension ObjectiveEntry {
    static let contrastiveTensionInBatchNegatives = ObjectiveEntry(
        "ContrastiveTensionLossInBatchNegatives",
        summary: "Two copies of the model shall find a sentence among all of the batch by each other's embeddings.",
        formula: "(CE(Z) + CE(Zᵀ)) / 2, with Z_ij = exp(logit_scale) · sim(model1(x_i), model2(x_j)) and the diagonal as targets",
        inputs: ContrastiveTensionLossInBatchNegatives.inputs, citation: ContrastiveTension.citation,
        settings: ContrastiveTensionLossInBatchNegatives.Settings(),
        ofEmbeddings: { ContrastiveTensionLossInBatchNegatives.OfEmbeddings($0, dtype: .float64) }
    ) { ContrastiveTensionLossInBatchNegatives(model: $1, $0) }
}
