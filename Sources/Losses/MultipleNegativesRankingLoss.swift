import Autodiff

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
///   same text twice: use the NO_DUPLICATES sampler.
/// - Defaults: scale 20, cosine similarity, `queryToDoc` alone.
/// - Reference: Henderson et al. 2017 (arXiv:1705.00652); van den Oord et al. 2018 (arXiv:1807.03748).
/// - Relatives: `TripletLoss`; `MultipleNegativesSymmetricRankingLoss` is two directions, each with its own sum.
public struct MultipleNegativesRankingLoss: EmbeddingLoss {
    /// Which candidates a row is compared with.
    public enum Direction: String, Sendable, CaseIterable {
        case queryToDoc = "query_to_doc"
        case queryToQuery = "query_to_query"
        case docToQuery = "doc_to_query"
        case docToDoc = "doc_to_doc"
    }

    public enum Partition: String, Sendable, CaseIterable {
        case joint
        case perDirection = "per_direction"
    }

    /// Which logits of negatives are weighed up.
    public enum Hardness: String, Sendable, CaseIterable {
        case inBatchNegatives = "in_batch_negatives"
        case hardNegatives = "hard_negatives"
        case allNegatives = "all_negatives"
    }

    public let inputs = LossInputs(columns: ["anchor", "positive"], allowsMoreColumns: true, minimumRows: 2)
    public let scale: Double
    public let similarity: SimilarityMatrix
    public let directions: Set<Direction>
    public let partition: Partition
    public let hardness: Hardness?
    public let hardnessStrength: Double

    public init(
        scale: Double = 20, similarity: SimilarityMatrix = .cosine, directions: Set<Direction> = [.queryToDoc],
        partition: Partition = .joint, hardness: Hardness? = nil, hardnessStrength: Double = 0
    ) {
        precondition(scale > 0, "MultipleNegativesRankingLoss: the scale \(scale) is not positive")
        precondition(directions.contains(.queryToDoc), "MultipleNegativesRankingLoss: directions must contain query_to_doc")
        precondition(partition == .joint || directions.isDisjoint(with: [.queryToQuery, .docToDoc]),
                     "MultipleNegativesRankingLoss: per_direction goes with query_to_doc and doc_to_query only")
        precondition(hardnessStrength >= 0, "MultipleNegativesRankingLoss: hardness strength \(hardnessStrength) is negative")
        self.scale = scale
        self.similarity = similarity
        self.directions = directions
        self.partition = partition
        self.hardness = hardness
        self.hardnessStrength = hardnessStrength
    }

    /// 1 / scale.
    public var temperature: Double { 1 / scale }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let (queries, positives) = (embeddings[0], embeddings[1])                     // [B, D]
        let documents = Tensor.concatenating(Array(embeddings.dropFirst()))           // [K B, D]
        let rows = queries.shape[0]
        let similarities = similarity(queries, documents)                             // [B, K B]
        var logits = [harden(similarities * scale, similarities)]
        let own = logits[0].sliced(0..<rows, alongAxis: 1).diagonal()                 // [B]
        let itself = Tensor.identityMask(rows)                                        // [B, B]
        if directions.contains(.queryToQuery) {
            logits.append((similarity(queries, queries) * scale).filled(with: -.infinity, where: itself))
        }
        if directions.contains(.docToQuery) {
            logits.append((similarity(queries, positives) * scale).transposed())
        }
        if directions.contains(.docToDoc) {
            let ofOwnRow = Tensor.tiling(itself, count: embeddings.count - 1)         // [B, K B]
            let toPositive = (similarity(documents, positives) * scale).transposed()  // [B, K B]
            logits.append(toPositive.filled(with: -.infinity, where: ofOwnRow))
        }
        switch partition {
        case .joint:
            return (Tensor.concatenating(logits, alongAxis: 1).logSumExp() - own).mean()
        case .perDirection:
            let sums = logits.dropFirst().reduce(logits[0].logSumExp()) { $0 + $1.logSumExp() }
            return (sums / Double(logits.count) - own).mean()
        }
    }

    /// Adds `strength · sim`, without gradient, to the logits of the chosen negatives.
    private func harden(_ logits: Tensor, _ similarities: Tensor) -> Tensor {
        guard let hardness, hardnessStrength > 0 else { return logits }
        let (rows, candidates) = (logits.shape[0], logits.shape[1])
        let isChosen = (0..<rows).flatMap { i in
            (0..<candidates).map { j in
                let isOwnRow = j % rows == i, isPositive = j < rows
                return switch hardness {
                case .inBatchNegatives: !isOwnRow
                case .hardNegatives: isOwnRow && !isPositive
                case .allNegatives: !(isOwnRow && isPositive)
                }
            }
        }
        let kept = Tensor(scalars: isChosen.map(!), shape: [rows, candidates])
        return logits + (similarities.detached() * hardnessStrength).filled(with: 0, where: kept)
    }

    public var configuration: [(key: String, value: String)] {
        [("scale", "\(scale)"), ("similarity_fct", similarity.name),
         ("directions", Direction.allCases.filter(directions.contains).map(\.rawValue).joined(separator: ", ")),
         ("partition_mode", partition.rawValue)]
            + (hardness.map { [("hardness_mode", $0.rawValue), ("hardness_strength", "\(hardnessStrength)")] } ?? [])
    }
}

extension Tensor {
    /// A mask `count` times side by side.
    fileprivate static func tiling(_ mask: Tensor, count: Int) -> Tensor {
        .concatenating([Tensor](repeating: mask, count: count), alongAxis: 1)
    }
}
