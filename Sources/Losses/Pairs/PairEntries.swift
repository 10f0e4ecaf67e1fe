extension LossCatalog {
    static let pairs = [cosent, cosineSimilarity]

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
}
