extension LossCatalog {
    static let distillation = [mse, embedDistill, marginMSE, distillKLDiv]

    private static let projection = LossEntry.Option(
        "projection_dim", "null", "width of the teacher's vectors, where it is another than the embeddings'")
    private static let pairwise = LossEntry.Option("similarity_fct", "pairwise_dot_score", "similarity of a query and a candidate")

    private static func makeEmbedDistill(_ metric: EmbedDistillLoss.DistanceMetric, _ options: LossOptions) throws -> EmbedDistillLoss {
        guard let projection = try options.integer("projection_dim") else { return EmbedDistillLoss(distanceMetric: metric) }
        try options.require(projection > 0, "projection_dim", "1 or more")
        guard let width = options.surroundings.embeddingDimension else {
            throw LossInputError("projection_dim needs a model, whose embeddings' width is the projection's other side")
        }
        return EmbedDistillLoss(distanceMetric: metric, embeddingDimension: width, projectionDimension: projection)
    }

    private static let mse = LossEntry(
        "MSELoss", summary: "Embeddings shall be those of a teacher, by the mean squared difference.",
        formula: "mean_c mean_i mean_d (x_c[i, d] − t[i, d])²", options: [projection]
    ) { try makeEmbedDistill(.mse, $0) }

    private static let embedDistill = LossEntry(
        "EmbedDistillLoss", summary: "Embeddings shall be those of a teacher, by cosine or distance.",
        formula: "mean_c mean_i (1 − cos(x_c[i], t[i]))",
        options: [.init("distance_metric", "cosine", "or l2, mse"), projection]
    ) { options in try makeEmbedDistill(options.choice("distance_metric", default: .cosine), options) }

    private static let marginMSE = LossEntry(
        "MarginMSELoss", summary: "The margin between a positive and a negative shall be that of a teacher.",
        formula: "mean_i mean_k (sim(a_i, p_i) − sim(a_i, n_ik) − t_ik)²", options: [pairwise]
    ) { MarginMSELoss(similarity: try $0.pairwiseSimilarity(default: .dot)) }

    private static let distillKLDiv = LossEntry(
        "DistillKLDivLoss", summary: "The distribution over a query's candidates shall be that of a teacher.",
        formula: "T_s² · mean_i KL(softmax_k(y_ik / T_t) ‖ softmax_k(sim(a_i, x_ik) / T_s))",
        options: [
            pairwise, .init("temperature", "1", "of student and teacher"),
            .init("student_temperature", "null", "the student's own"), .init("teacher_temperature", "null", "the teacher's own"),
        ]
    ) { options in
        func temperature(_ key: String) throws -> Double? {
            let value = try options.number(key)
            try options.require(value.map { $0 > 0 && $0.isFinite } ?? true, key, "more than 0 and finite")
            return value
        }
        return DistillKLDivLoss(
            similarity: try options.pairwiseSimilarity(default: .dot), temperature: try temperature("temperature") ?? 1,
            studentTemperature: try temperature("student_temperature"), teacherTemperature: try temperature("teacher_temperature"))
    }
}
