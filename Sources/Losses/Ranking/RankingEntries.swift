extension LossCatalog {
    static let ranking = [multipleNegatives, symmetric, gist, megaBatchMargin]

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

    private static let gist = LossEntry(
        "GISTEmbedLoss", summary: "Multiple negatives ranking without the candidates that a guide model holds for positives.",
        formula: "mean_i ( ln Σ_j exp(cos(x_i, c_j) / T) − cos(a_i, p_i) / T ), over c_j with guide(x_i, c_j) ≤ guide(a_i, p_i) − margin",
        options: [
            .init("guide", nil, "folder of the guide's model"), .init("temperature", "0.01", "T"),
            .init("margin_strategy", "absolute", "or relative: the threshold is t − |t| · margin"), .init("margin", "0", "below t"),
            .init("contrast_anchors", "true", "anchors are candidates too"),
            .init("contrast_positives", "true", "so are positives, seen from the positive"),
            .init("retokenize", "false", "the guide may have another tokenizer than the model"), duplicates,
        ]
    ) { options in
        let temperature = try options.number("temperature", default: 0.01)
        try options.require(temperature > 0, "temperature", "more than 0")
        let path = try options.string("guide")
        if path != nil && options.surroundings.guide == nil {
            throw options.error("guide", expected: "left out where no model can be opened")
        }
        return GISTEmbedLoss(
            guide: try path.flatMap { try options.surroundings.guide?($0) }, temperature: temperature,
            marginStrategy: try options.choice("margin_strategy", default: GISTEmbedLoss.MarginStrategy.absolute),
            margin: try options.number("margin", default: 0), contrastsAnchors: try options.bool("contrast_anchors", default: true),
            contrastsPositives: try options.bool("contrast_positives", default: true),
            masksDuplicates: try options.bool("mask_duplicates", default: false),
            retokenizes: try options.bool("retokenize", default: false))
    }

    private static let megaBatchMargin = LossEntry(
        "MegaBatchMarginLoss", summary: "Each anchor near its positive, and far from the nearest positive of another row.",
        formula: "mean_i ( max(0, m⁺ − cos(a_i, p_i)) + max(0, max_{j≠i} cos(a_i, p_j) − m⁻) )",
        options: [
            .init("positive_margin", "0.8", "m⁺"), .init("negative_margin", "0.3", "m⁻"), duplicates,
        ]
    ) { options in
        MegaBatchMarginLoss(
            positiveMargin: try options.number("positive_margin", default: 0.8),
            negativeMargin: try options.number("negative_margin", default: 0.3),
            masksDuplicates: try options.bool("mask_duplicates", default: false))
    }
}
