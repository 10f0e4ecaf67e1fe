extension LossCatalog {
    static let pairs = [cosent, angle, cosineSimilarity, contrastive, onlineContrastive]

    private static let cosent = LossEntry(
        "CoSENTLoss", summary: "Pushes the similarities of pairs into the order of their scores.",
        formula: "ln(1 + Σ_{y_i < y_j} exp(scale · (sim_i − sim_j)))",
        options: [.init("scale", "20", "1 / temperature"), .init("similarity_fct", "pairwise_cos_sim", "similarity of a pair")]
    ) { options in
        CoSENTLoss(scale: try options.number("scale", default: 20), similarity: try options.pairwiseSimilarity(default: .cosine))
    }

    private static let cosineSimilarity = LossEntry(
        "CosineSimilarityLoss", summary: "Makes the cosine similarity of two sentences equal to their score.",
        formula: "mean_i (cos(a_i, b_i) − y_i)²"
    ) { _ in CosineSimilarityLoss() }

    private static let angle = LossEntry(
        "AnglELoss", summary: "Pushes the angles of pairs, as complex vectors, into the order of their scores.",
        formula: "ln(1 + Σ_{y_i < y_j} exp(scale · (angle_i − angle_j)))", options: [.init("scale", "20", "1 / temperature")]
    ) { AnglELoss(scale: try $0.number("scale", default: 20)) }

    private static let pairDistance: [LossEntry.Option] = [
        .init("distance_metric", "COSINE_DISTANCE", "or EUCLIDEAN, MANHATTAN"),
        .init("margin", "0.5", "least distance of dissimilar pairs"),
    ]

    private static let contrastive = LossEntry(
        "ContrastiveLoss", summary: "Similar pairs shall be near, dissimilar ones at least a margin apart.",
        formula: "mean_i ½ (y_i d_i² + (1 − y_i) max(0, margin − d_i)²)",
        options: pairDistance + [.init("size_average", "true", "the mean over the rows; false: their sum")]
    ) { options in
        ContrastiveLoss(
            distanceMetric: try options.siameseDistance(), margin: try options.number("margin", default: 0.5),
            averages: try options.bool("size_average", default: true))
    }

    private static let onlineContrastive = LossEntry(
        "OnlineContrastiveLoss",
        summary: "Contrastive loss of the hard pairs only: similar ones that are far, dissimilar ones that are near.",
        formula: "Σ_{y_i = 1, d_i > min d⁻} d_i² + Σ_{y_i = 0, d_i < max d⁺} max(0, margin − d_i)²", options: pairDistance
    ) { options in
        OnlineContrastiveLoss(distanceMetric: try options.siameseDistance(), margin: try options.number("margin", default: 0.5))
    }
}

extension LossOptions {
    fileprivate func siameseDistance() throws -> SiameseDistanceMetric {
        try choice("distance_metric", default: .cosine, among: SiameseDistanceMetric.all.map { ($0.name, $0) })
    }
}
