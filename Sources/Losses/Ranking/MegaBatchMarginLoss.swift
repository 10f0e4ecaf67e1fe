import Autodiff
import Options

/// Each anchor shall be near its positive, and far from the nearest positive of another row in a large batch.
///
/// `mean ( max(0, m⁺ − cos(aᵢ, pᵢ)) + max(0, maxⱼ cos(aᵢ, pⱼ) − m⁻) )` over the rows i, with j ≠ i.
///
/// - Inputs: two text columns: anchor and positive; batches of hundreds of rows, as `Cached` makes possible. With
///   `masksDuplicates` a positive with the text of the row's own is no negative.
/// - Reference: Wieting & Gimpel 2018, *ParaNMT-50M* (doi:10.18653/v1/P18-1042).
/// - Relatives: `MultipleNegativesRankingLoss`, which takes all negatives, not only the nearest.
public struct MegaBatchMarginLoss: Loss {
    public let inputs = LossInputs(columns: ["anchor", "positive"])
    /// m⁺: the least similarity of a positive.
    public var positiveMargin: Double
    /// m⁻: the largest similarity of a negative.
    public var negativeMargin: Double
    /// Whether candidates that are the row's positive again are left out.
    public var masksDuplicates: Bool
    /// Most similarities that are in memory at once; the result does not depend on it.
    public var elementsPerBlock = BlockSize.defaultElements

    /// A loss with these options.
    public init(positiveMargin: Double = 0.8, negativeMargin: Double = 0.3, masksDuplicates: Bool = false) {
        self.positiveMargin = positiveMargin
        self.negativeMargin = negativeMargin
        self.masksDuplicates = masksDuplicates
    }

    public func sideInputs(for texts: [[String]]) -> SideInputs {
        masksDuplicates ? SideInputs([TextIdentities(texts).tensor]) : []
    }

    public func callAsFunction(_ batch: LossBatch) -> LossValue {
        requireColumns(batch.embeddings)
        let texts = textIdentities(batch.sides.tensors.first, of: batch)
        let columns = batch.embeddings.map { $0.normalized() }  // [B, D] each
        let rows = batch.rowCount
        let sum = blockwiseSum(
            [columns[0]], with: [columns[1]], blockSize: BlockSize.rows(width: rows, elementsPerBlock)
        ) { range, anchors, positives in
            let cosines = dotProduct(anchors[0], positives[0])  // [b, B]
            let own = cosines.takingAlongLastAxis(Tensor(indices: Array(range)).reshaped([-1, 1]))
            let negatives = cosines.removing(rows: range) { i, j in j == i || texts?.isPositive(document: j, of: i) == true }
            return (positiveMargin - own).relu().sum() + (negatives.max(alongAxis: 1) - negativeMargin).relu().sum()
        }
        return LossValue(sum / Double(rows))
    }

    public var summary: String { "Each anchor near its positive, and far from the nearest positive of another row." }
    public var formula: String { "mean_i ( max(0, m⁺ − cos(a_i, p_i)) + max(0, max_{j≠i} cos(a_i, p_j) − m⁻) )" }
    public var options: [OptionRow<Self>] {
        [
            .init("positive_margin", \.positiveMargin, "m⁺"), .init("negative_margin", \.negativeMargin, "m⁻"),
            .init("mask_duplicates", \.masksDuplicates, "leave out candidates that are the row's positive again"),
        ]
    }

    public var citation: String? {
        """
        @inproceedings{wieting-gimpel-2018-paranmt,
            title = {{P}ara{NMT}-50{M}: Pushing the Limits of Paraphrastic Sentence Embeddings with Millions of Machine \
        Translations},
            author = {Wieting, John and Gimpel, Kevin},
            booktitle = {Proceedings of the 56th Annual Meeting of the Association for Computational Linguistics},
            year = {2018},
            publisher = {Association for Computational Linguistics},
            doi = {10.18653/v1/P18-1042},
            pages = {451--462}
        }
        """
    }
}
