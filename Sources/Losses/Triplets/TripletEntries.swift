extension LossCatalog {
    static let triplets = [triplet, batchAll, batchHard, batchHardSoftMargin, batchSemiHard]

    private static let triplet = LossEntry(
        "TripletLoss", summary: "An anchor shall be nearer to its positive than to its negative, by a margin.",
        formula: "mean_i max(0, d(a_i, p_i) − d(a_i, n_i) + margin)",
        options: [.init("distance_metric", "EUCLIDEAN", "or COSINE, MANHATTAN"), .init("triplet_margin", "5", "the margin")]
    ) { options in
        TripletLoss(
            distanceMetric: try options.choice(
                "distance_metric", default: .euclidean, among: TripletDistanceMetric.all.map { ($0.name, $0) }),
            margin: try options.number("triplet_margin", default: 5))
    }

    private static let distance = LossEntry.Option("distance_metric", "euclidean_distance", "or cosine_distance")

    private static func entry(
        _ name: String, summary: String, formula: String,
        make: @escaping @Sendable (BatchHardTripletLossDistanceFunction, _ margin: Double) -> any Loss
    ) -> LossEntry {
        LossEntry(name, summary: summary, formula: formula, options: [distance, .init("margin", "5", "the margin")]) { options in
            make(try options.batchDistance(), try options.number("margin", default: 5))
        }
    }

    private static let batchAll = entry(
        "BatchAllTripletLoss", summary: "Every positive of a batch shall be nearer than every negative, by a margin.",
        formula: "mean of (d_ij − d_ik + margin) over the triplets where it is positive; y_j = y_i ≠ y_k"
    ) { BatchAllTripletLoss(distanceMetric: $0, margin: $1) }

    private static let batchHard = entry(
        "BatchHardTripletLoss", summary: "Each anchor's farthest positive shall be nearer than its nearest negative, by a margin.",
        formula: "mean_i max(0, max_j d_ij − min_k d_ik + margin); y_j = y_i ≠ y_k"
    ) { BatchHardTripletLoss(distanceMetric: $0, margin: $1) }

    private static let batchHardSoftMargin = LossEntry(
        "BatchHardSoftMarginTripletLoss", summary: "Each anchor's farthest positive shall be nearer than its nearest negative.",
        formula: "mean_i ln(1 + exp(max_j d_ij − min_k d_ik)); y_j = y_i ≠ y_k", options: [distance]
    ) { BatchHardSoftMarginTripletLoss(distanceMetric: try $0.batchDistance()) }

    private static let batchSemiHard = entry(
        "BatchSemiHardTripletLoss", summary: "Each positive shall be nearer than the next negative beyond it, by a margin.",
        formula: "mean_ij max(0, d_ij − d_ik + margin); k: the nearest negative with d_ik > d_ij, or else the farthest"
    ) { BatchSemiHardTripletLoss(distanceMetric: $0, margin: $1) }
}

extension LossOptions {
    fileprivate func batchDistance() throws -> BatchHardTripletLossDistanceFunction {
        try choice("distance_metric", default: .euclidean, among: BatchHardTripletLossDistanceFunction.all.map { ($0.name, $0) })
    }
}
