import Autodiff
import Options

/// Each anchor shall find its positive among all positives and negatives of the batch (InfoNCE).
///
/// The mean over the rows of `ln Σ exp(z) − z⁺ᵢ`: a cross-entropy over the candidates' logits
/// `z = scale · sim(anchor, candidate)`, where `z⁺ᵢ` is the row's own positive.
///
/// Further `directions` add candidates: other anchors (`queryToQuery`), the anchors seen from the positive
/// (`docToQuery`), the documents seen from the positive (`docToDoc`). All candidates share one sum, or each direction
/// has its own (`Partition.perDirection`). `hardness` weighs similar negatives up: `strength · sim`, without gradient,
/// is added to their logits.
///
/// - Inputs: two or more text columns: anchor, positive, then any number of negatives. A batch should not hold the
///   same text twice: use the NO_DUPLICATES sampler, or `masksDuplicates`, which leaves out every candidate whose text
///   says that it is no negative (see ``TextIdentities``).
/// - Reference: Henderson et al. 2017 (arXiv:1705.00652); van den Oord et al. 2018 (arXiv:1807.03748).
/// - Relatives: `TripletLoss`; `MultipleNegativesSymmetricRankingLoss` is two directions, each with its own sum.
public struct MultipleNegativesRankingLoss: BlockwiseLoss {
    /// Which candidates a row is compared with.
    public enum Direction: String, CaseIterable, OptionChoice {
        /// Queries with documents.
        case queryToDoc = "query_to_doc"
        /// Queries with other queries.
        case queryToQuery = "query_to_query"
        /// Positives with queries.
        case docToQuery = "doc_to_query"
        /// Positives with other documents.
        case docToDoc = "doc_to_doc"
    }

    /// Which candidates share a soft-max.
    public enum Partition: String, CaseIterable, OptionChoice {
        /// Those of all directions together.
        case joint
        /// Those of each direction apart.
        case perDirection = "per_direction"
    }

    /// Which logits of negatives are weighed up.
    public enum Hardness: String, CaseIterable, OptionChoice {
        /// Those of other rows.
        case inBatchNegatives = "in_batch_negatives"
        /// The row's own negatives.
        case hardNegatives = "hard_negatives"
        /// Both.
        case allNegatives = "all_negatives"
    }

    public let inputs = LossInputs(columns: ["anchor", "positive"], allowsMoreColumns: true)
    /// 1 / temperature.
    public var scale: Double
    /// Similarity of all rows with all.
    public var similarity: SimilarityMatrix
    /// What is compared with what.
    public var directions: Set<Direction>
    /// Whether directions share their soft-max.
    public var partition: Partition
    /// Which negatives weigh more, the more similar they are; nil: none.
    public var hardness: Hardness?
    /// How much more they weigh.
    public var hardnessStrength: Double
    /// Whether candidates that are the row's positive again are left out.
    public var masksDuplicates: Bool
    /// Most similarities that are in memory at once; the result does not depend on it.
    public var elementsPerBlock = BlockSize.defaultElements

    /// A loss with these options.
    public init(
        scale: Double = 20, similarity: SimilarityMatrix = .cosine, directions: Set<Direction> = [.queryToDoc],
        partition: Partition = .joint, hardness: Hardness? = nil, hardnessStrength: Double = 0, masksDuplicates: Bool = false
    ) {
        (self.scale, self.similarity, self.directions, self.partition) = (scale, similarity, directions, partition)
        (self.hardness, self.hardnessStrength, self.masksDuplicates) = (hardness, hardnessStrength, masksDuplicates)
        requireOptions()
    }

    /// 1 / scale.
    public var temperature: Double { 1 / scale }

    public func sideInputs(for texts: [[String]]) -> SideInputs {
        masksDuplicates ? SideInputs([TextIdentities(texts).tensor]) : []
    }

    public func callAsFunction(_ batch: LossBatch) -> LossValue {
        requireColumns(batch.embeddings)
        let texts = textIdentities(batch.sides.tensors.first, of: batch)
        let columns = batch.embeddings.map(similarity.prepare)  // [B, D] each
        let documents = Tensor.concatenating(Array(columns.dropFirst()))  // [K B, D]
        let rows = batch.rowCount
        let candidates = documents.shape[0] * directions.count
        let sum = blockwiseSum(
            Array(columns.prefix(2)), with: [columns[0], documents], blockSize: BlockSize.rows(width: candidates, elementsPerBlock)
        ) { range, own, all in
            lossSum(range, query: own[0], positive: own[1], queries: all[0], documents: all[1], texts)
        }
        return LossValue(sum / Double(rows))
    }

    /// The sum of the rows' losses, for the rows in `range`: queries and positives `[b, D]` against all of the batch.
    private func lossSum(
        _ range: Range<Int>, query: Tensor, positive: Tensor, queries: Tensor, documents: Tensor, _ texts: TextIdentities?
    ) -> Tensor {
        let rows = queries.shape[0]
        func removingDuplicates(_ logits: Tensor) -> Tensor {
            texts.map { texts in logits.removing(rows: range) { i, j in texts.isDuplicate(document: j, of: i) } } ?? logits
        }
        let similarities = similarity.ofPrepared(query, documents)  // [b, K B]
        var logits = [removingDuplicates(harden(similarities * scale, similarities, range, rows))]
        if directions.contains(.queryToQuery) {
            logits.append(
                (similarity.ofPrepared(query, queries) * scale).removing(rows: range) { i, j in
                    j == i || texts?.isSameQuery(j, i) == true
                })
        }
        if directions.contains(.docToQuery) {
            logits.append(removingDuplicates(similarity.ofPrepared(queries, positive).transposed() * scale))
        }
        if directions.contains(.docToDoc) {
            logits.append(
                (similarity.ofPrepared(documents, positive).transposed() * scale).removing(rows: range) { i, j in
                    j % rows == i || texts?.isPositive(document: j, of: i) == true
                })
        }
        let targets = Tensor(indices: Array(range))
        switch partition {
        case .joint:
            return Tensor.concatenating(logits, alongAxis: 1).crossEntropy(targets: targets) * Double(range.count)
        case .perDirection:
            let own = logits[0].takingAlongLastAxis(targets.reshaped([-1, 1])).reshaped([-1])
            let sums = logits.dropFirst().reduce(logits[0].logSumExp()) { $0 + $1.logSumExp() }
            return (sums / Double(logits.count) - own).sum()
        }
    }

    /// Adds `strength · sim`, without gradient, to the logits of the chosen negatives.
    private func harden(_ logits: Tensor, _ similarities: Tensor, _ range: Range<Int>, _ rows: Int) -> Tensor {
        guard let hardness, hardnessStrength > 0 else { return logits }
        let isKept = Tensor.mask(rows: range, columns: logits.shape[1]) { i, j in
            let isOwnRow = j % rows == i, isPositive = j < rows
            return switch hardness {
            case .inBatchNegatives: isOwnRow
            case .hardNegatives: !isOwnRow || isPositive
            case .allNegatives: isOwnRow && isPositive
            }
        }
        return logits + (similarities.detached() * hardnessStrength).filled(with: 0, where: isKept)
    }

    /// Two directions, each with its own sum, have a name of their own.
    private var isSymmetric: Bool {
        directions == [.queryToDoc, .docToQuery] && partition == .perDirection && hardness == nil
    }
    public var name: String { isSymmetric ? "MultipleNegativesSymmetricRankingLoss" : "MultipleNegativesRankingLoss" }
    public var summary: String {
        isSymmetric
            ? "Multiple negatives ranking in both directions, each with its own sum."
            : "Each anchor shall find its positive among all positives and negatives of the batch (InfoNCE)."
    }
    public var formula: String {
        isSymmetric
            ? "mean_i ( (lse_j(scale · sim(a_i, d_j)) + lse_j(scale · sim(a_j, p_i))) / 2 − scale · sim(a_i, p_i) )"
            : "mean_i ( ln Σ_j exp(scale · sim(a_i, d_j)) − scale · sim(a_i, p_i) )"
    }
    public var options: [OptionRow<Self>] {
        let directional: [OptionRow<Self>] = [
            .init("directions", \.directions, "what is compared")
                .where("a list that holds query_to_doc") { $0.directions.contains(.queryToDoc) },
            .init("partition_mode", \.partition, "per_direction: each direction has its own sum")
                .where("joint where directions hold query_to_query or doc_to_doc") {
                    $0.partition == .joint || $0.directions.isDisjoint(with: [.queryToQuery, .docToDoc])
                },
            .init("hardness_mode", \.hardness, "which negatives are weighed up, the more similar the more"),
            .init("hardness_strength", \.hardnessStrength, "how much similar negatives are weighed up", .atLeast(0)),
        ]
        return [
            .init("scale", \.scale, "1 / temperature", .moreThan(0)),
            .init("similarity_fct", \.similarity, "similarity of all rows with all"),
        ] + (isSymmetric ? [] : directional) + [
            .init("mask_duplicates", \.masksDuplicates, "leave out candidates that are the row's positive again")
        ]
    }

    public var laws: [LossLaw] {
        // Seen from both sides, a positive is in a joint sum twice: ln 2 is the least.
        let holdsPositiveTwice = partition == .joint && directions.contains(.docToQuery)
        return similarity.laws + (masksDuplicates && !holdsPositiveTwice ? [.repeatedRowsTeachNothing] : [])
    }
    public var lawExceptions: [LawException] { hardness != nil && hardnessStrength > 0 ? [.stopsGradient] : [] }

    public var citation: String? {
        Citations.arXiv(
            "oord2019representationlearningcontrastivepredictive",
            title: "Representation Learning with Contrastive Predictive Coding",
            author: "Aaron van den Oord and Yazhe Li and Oriol Vinyals", year: 2019, eprint: "1807.03748")
    }
}

/// Multiple negatives in both directions, each with its own sum: queries look for their positives, positives for their
/// queries.
public func MultipleNegativesSymmetricRankingLoss(
    scale: Double = 20, similarity: SimilarityMatrix = .cosine, masksDuplicates: Bool = false
) -> MultipleNegativesRankingLoss {
    MultipleNegativesRankingLoss(
        scale: scale, similarity: similarity, directions: [.queryToDoc, .docToQuery], partition: .perDirection,
        masksDuplicates: masksDuplicates)
}
