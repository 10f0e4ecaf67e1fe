extension LossCatalog {
    static let triplets = [triplet]

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
}
