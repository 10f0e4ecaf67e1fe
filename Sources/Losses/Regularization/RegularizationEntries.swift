extension LossCatalog {
    static let regularization = [globalOrthogonal]

    private static let globalOrthogonal = LossEntry(
        "GlobalOrthogonalRegularizationLoss", summary: "Embeddings of different texts shall be spread out over all directions.",
        formula: "mean_c ( w_mean · M₁² + w_second · max(0, M₂ − 1/D) ), M₁ and M₂ the means of sim and sim² over pairs of rows",
        options: [
            .init("similarity_fct", "cos_sim", "similarity of all rows with all"),
            .init("mean_weight", "1", "weight of the mean; 0: none"),
            .init("second_moment_weight", "1", "weight of the second moment; 0: none"),
            .init("aggregation", "mean", "or sum: over the columns"),
        ]
    ) { options in
        let mean = try options.number("mean_weight", default: 1)
        let second = try options.number("second_moment_weight", default: 1)
        try options.require(mean != 0 || second != 0, "mean_weight", "other than 0 where second_moment_weight is 0")
        return GlobalOrthogonalRegularizationLoss(
            similarity: try options.similarityMatrix(), meanWeight: mean, secondMomentWeight: second,
            aggregation: try options.choice("aggregation", default: .mean))
    }
}
