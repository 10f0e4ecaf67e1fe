extension LossCatalog {
    static let ranking = [multipleNegatives, symmetric]

    private static let duplicates = LossEntry.Option("mask_duplicates", "false", "leave out candidates that are the row's positive again")

    private static let multipleNegatives = LossEntry(
        "MultipleNegativesRankingLoss",
        summary: "Each anchor shall find its positive among all positives and negatives of the batch (InfoNCE).",
        formula: "mean_i ( ln Σ_j exp(scale · sim(a_i, d_j)) − scale · sim(a_i, p_i) )",
        options: [
            .init("scale", "20", "1 / temperature"), .init("similarity_fct", "cos_sim", "similarity of all rows with all"),
            .init("directions", "[\"query_to_doc\"]", "also query_to_query, doc_to_query, doc_to_doc"),
            .init("partition_mode", "joint", "or per_direction: each direction has its own sum"),
            .init("hardness_mode", "null", "in_batch_negatives, hard_negatives or all_negatives"),
            .init("hardness_strength", "0", "how much similar negatives are weighed up"), duplicates,
        ]
    ) { options in
        let scale = try options.number("scale", default: 20)
        try options.require(scale > 0, "scale", "more than 0")
        let directions = try Set((options.strings("directions") ?? ["query_to_doc"]).map { name in
            guard let direction = MultipleNegativesRankingLoss.Direction(rawValue: name) else {
                throw options.error("directions", expected: "a list of query_to_doc, query_to_query, doc_to_query, doc_to_doc")
            }
            return direction
        })
        try options.require(directions.contains(.queryToDoc), "directions", "a list that holds query_to_doc")
        let partition = try options.choice("partition_mode", default: MultipleNegativesRankingLoss.Partition.joint)
        try options.require(partition == .joint || directions.isDisjoint(with: [.queryToQuery, .docToDoc]),
                            "partition_mode", "joint where directions hold query_to_query or doc_to_doc")
        let strength = try options.number("hardness_strength", default: 0)
        try options.require(strength >= 0, "hardness_strength", "0 or more")
        let hardness = try options.choice(
            "hardness_mode", default: nil, among: MultipleNegativesRankingLoss.Hardness.allCases.map { ($0.rawValue, $0) })
        return MultipleNegativesRankingLoss(
            scale: scale, similarity: try options.similarityMatrix(), directions: directions, partition: partition,
            hardness: hardness, hardnessStrength: strength, masksDuplicates: try options.bool("mask_duplicates", default: false))
    }

    private static let symmetric = LossEntry(
        "MultipleNegativesSymmetricRankingLoss",
        summary: "Multiple negatives ranking in both directions, each with its own sum.",
        formula: "mean_i ( (lse_j(scale · sim(a_i, d_j)) + lse_j(scale · sim(a_j, p_i))) / 2 − scale · sim(a_i, p_i) )",
        options: [
            .init("scale", "20", "1 / temperature"), .init("similarity_fct", "cos_sim", "similarity of all rows with all"), duplicates,
        ]
    ) { options in
        let scale = try options.number("scale", default: 20)
        try options.require(scale > 0, "scale", "more than 0")
        return MultipleNegativesSymmetricRankingLoss(
            scale: scale, similarity: try options.similarityMatrix(), masksDuplicates: try options.bool("mask_duplicates", default: false))
    }
}
