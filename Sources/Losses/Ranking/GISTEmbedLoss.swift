import Autodiff
import Options
import Requirements

/// Each anchor shall find its positive among the candidates that a guide does not hold for positives too.
///
/// The mean over the rows of `ln Σ exp(z) − z⁺ᵢ` with logits `z = cos / temperature`. The candidates of row i are all
/// positives and negatives as seen from the anchor; all anchors too (`contrastsAnchors`); and all positives as seen from
/// the row's positive (`contrastsPositives`). One is left out if it looks more alike to the guide than the row's own
/// pair does, less a margin: than `t − margin`, or `t − |t| · margin` (`relative`), t the guide's cosine of the pair.
///
/// Where anchor and positive are one to the guide, a row's own texts among the candidates stay, at the constant logit
/// 1 / temperature. `masksDuplicates` leaves them out, and every candidate whose text is that of the row's positive.
///
/// - Inputs: two or more text columns: anchor, positive, then any number of negatives.
/// - Reference: Solatorio 2024, *GISTEmbed* (arXiv:2402.16829).
/// - Relatives: `MultipleNegativesRankingLoss`, without a guide.
public struct GISTEmbedLoss: Loss {
    /// How the margin is taken from the guide's similarity t.
    public enum MarginStrategy: String, CaseIterable, OptionChoice {
        /// The threshold is t minus the margin, or t minus the margin's share of |t|.
        case absolute, relative
    }

    public let inputs = LossInputs(columns: ["anchor", "positive"], allowsMoreColumns: true)
    /// None: its embeddings of the texts, `[C, B, Dg]`, are given as side input.
    public var guide: (any Guide)?
    /// T, which similarities are divided by.
    public var temperature: Double
    /// Whether the margin is absolute or a share of t.
    public var marginStrategy: MarginStrategy
    /// How far below t a candidate still counts as a positive.
    public var margin: Double
    /// Whether anchors are candidates, too.
    public var contrastsAnchors: Bool
    /// Whether positives are, seen from the positive.
    public var contrastsPositives: Bool
    /// Whether candidates that are the row's positive again are left out.
    public var masksDuplicates: Bool
    /// Whether the guide may have another tokenizer than the model: it reads the texts, with its own.
    public var retokenizes: Bool
    /// Where the guide is to be found, until its surroundings open it.
    private var guidePath: String?
    /// Most similarities that are in memory at once; the result does not depend on it.
    public var elementsPerBlock = BlockSize.defaultElements

    /// A loss with a guide and these options.
    public init(
        guide: (any Guide)? = nil, temperature: Double = 0.01, marginStrategy: MarginStrategy = .absolute, margin: Double = 0,
        contrastsAnchors: Bool = true, contrastsPositives: Bool = true, masksDuplicates: Bool = false, retokenizes: Bool = false
    ) {
        (self.guide, self.temperature, self.marginStrategy, self.margin) = (guide, temperature, marginStrategy, margin)
        (self.contrastsAnchors, self.contrastsPositives) = (contrastsAnchors, contrastsPositives)
        (self.masksDuplicates, self.retokenizes) = (masksDuplicates, retokenizes)
        requireOptions()
    }

    /// The guide's embeddings `[C, B, Dg]`, then which texts are equal, where duplicates are masked.
    public func sideInputs(for texts: [[String]]) -> SideInputs {
        guard let guide else { return [] }
        let opinion = guide.embeddings(of: Array(texts.joined())).detached().reshaped([texts.count, texts[0].count, -1])
        return SideInputs(masksDuplicates ? [opinion, TextIdentities(texts).tensor] : [opinion])
    }

    public func callAsFunction(_ batch: LossBatch) -> LossValue {
        requireColumns(batch.embeddings)
        let rows = batch.rowCount
        guard let opinion = batch.sides.tensors.first, opinion.shape.prefix(2) == [batch.embeddings.count, rows] else {
            refuse("GISTEmbedLoss: needs the guide's embeddings [\(batch.embeddings.count), \(rows), Dg] as side input")
        }
        let model = Sides(batch.embeddings),
            guide = Sides(
                opinion.detached().split(lengths: batch.embeddings.map { _ in 1 })
                    .map { $0.reshaped([rows, -1]) })
        let texts = textIdentities(batch.sides.tensors.dropFirst().first, of: batch)
        let width = rows * (batch.embeddings.count - 1 + (contrastsAnchors ? 1 : 0) + (contrastsPositives ? 1 : 0))
        let sum = blockwiseSum(
            [model.anchors, model.positives], with: [model.anchors, model.documents],
            blockSize: BlockSize.rows(width: width, elementsPerBlock)
        ) { range, own, all in
            let similarities = candidates(own[0], own[1], anchors: all[0], documents: all[1])  // [b, n]
            let judged = candidates(
                guide.anchors.sliced(range), guide.positives.sliced(range), anchors: guide.anchors, documents: guide.documents)
            let removed = isPositive(judged, range, rows, texts)
            let logits = similarities.filled(with: -.infinity, where: removed) / temperature
            return logits.crossEntropy(targets: Tensor(indices: Array(range))) * Double(range.count)
        }
        return LossValue(sum / Double(rows))
    }

    /// Rows of length one, as the cosines of model and guide need them.
    private struct Sides {
        let anchors, positives: Tensor  // [B, D]
        let documents: Tensor  // [K B, D]

        init(_ columns: [Tensor]) {
            let units = columns.map { $0.normalized(epsilon: 1e-8) }
            anchors = units[0]
            positives = units[1]
            documents = .concatenating(Array(units.dropFirst()))
        }
    }

    /// Cosines of a block's rows with their candidates: documents, then anchors, then positives. Column i is the pair of row i.
    private func candidates(_ anchor: Tensor, _ positive: Tensor, anchors: Tensor, documents: Tensor) -> Tensor {
        var blocks = [dotProduct(anchor, documents)]
        if contrastsAnchors { blocks.append(dotProduct(anchor, anchors)) }
        if contrastsPositives { blocks.append(dotProduct(positive, documents.sliced(0..<anchors.shape[0]))) }
        return .concatenating(blocks, alongAxis: 1)
    }

    /// `[b, n]`: true for the candidates that the guide, or its text, holds for a positive of the row; not for its own.
    private func isPositive(_ judged: Tensor, _ range: Range<Int>, _ rows: Int, _ texts: TextIdentities?) -> Tensor {
        let width = judged.shape[1]
        let pair = judged.takingAlongLastAxis(Tensor(indices: Array(range)).reshaped([-1, 1]))  // [b, 1]
        let threshold = marginStrategy == .absolute ? pair - margin : pair - pair.abs() * margin
        // A guide's embeddings of one text may differ in the last digits.
        let isAlike = (judged .> threshold + 1e-6) & Tensor.mask(rows: range, columns: width) { i, j in j != i }
        guard let texts else { return isAlike }
        let documents = width - (contrastsAnchors ? rows : 0) - (contrastsPositives ? rows : 0)
        return isAlike
            | Tensor.mask(rows: range, columns: width) { i, j in
                if j < documents { return texts.isDuplicate(document: j, of: i) }
                let isAnchor = contrastsAnchors && j < documents + rows
                return isAnchor ? texts.isSameQuery(j - documents, i) : texts.isPositive(document: j % rows, of: i)
            }
    }

    public func check(_ setting: LossSetting) throws {
        guard let guide else {
            throw LossInputError("GISTEmbedLoss needs a guide: a second model, which says which candidates are no negatives")
        }
        if !retokenizes, let own = guide.vocabularyFingerprint, let models = setting.vocabularyFingerprint(), own != models {
            throw LossInputError(
                "GISTEmbedLoss: the guide (\(guide.summary)) has another tokenizer than the model; take a guide "
                    + "with the same one, or allow it to read the texts with its own (retokenizes: true)")
        }
    }

    private var guideName: String? {
        get { guide?.summary ?? guidePath }
        set { guidePath = newValue }
    }

    public func completed(in surroundings: LossSurroundings) throws -> GISTEmbedLoss {
        var loss = self
        if guide == nil { loss.guide = try surroundings.openedGuide(guidePath, for: name) }
        return loss
    }

    public var summary: String { "Multiple negatives ranking without the candidates that a guide model holds for positives." }
    public var formula: String {
        "mean_i ( ln Σ_j exp(cos(x_i, c_j) / T) − cos(a_i, p_i) / T ), over c_j with guide(x_i, c_j) ≤ guide(a_i, p_i) − margin"
    }
    public var options: [OptionRow<Self>] {
        [
            .init("guide", \.guideName, "folder of the guide's model").defaulting(to: nil),
            .init("temperature", \.temperature, "T", .moreThan(0)),
            .init("margin_strategy", \.marginStrategy, "relative: the threshold is t − |t| · margin"),
            .init("margin", \.margin, "below t"), .init("contrast_anchors", \.contrastsAnchors, "anchors are candidates too"),
            .init("contrast_positives", \.contrastsPositives, "so are positives, seen from the positive"),
            .init("retokenize", \.retokenizes, "the guide may have another tokenizer than the model"),
            .init("mask_duplicates", \.masksDuplicates, "leave out candidates that are the row's positive again"),
        ]
    }

    public var citation: String? {
        Citations.arXiv(
            "solatorio2024gistembed",
            title: "GISTEmbed: Guided In-sample Selection of Training Negatives for Text Embedding Fine-tuning",
            author: "Aivin V. Solatorio", year: 2024, eprint: "2402.16829")
    }
}
