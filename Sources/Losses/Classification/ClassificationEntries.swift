extension LossCatalog {
    static let classification = [softmax]

    private static let softmax = LossEntry(
        "SoftmaxLoss", summary: "Two embeddings tell the class of the pair, by a classifier that is trained beside the model.",
        formula: "−mean_i ln softmax(W [u_i, v_i, |u_i − v_i|] + b)_{y_i}",
        options: [
            .init("embedding_dimension", "the model's", "width of the embeddings"), .init("num_labels", "the data's", "number of classes"),
            .init("concatenation_sent_rep", "true", "the classifier sees u and v"),
            .init("concatenation_sent_difference", "true", "it sees |u − v|"),
            .init("concatenation_sent_multiplication", "false", "it sees u · v"),
        ]
    ) { options in
        guard let classCount = try options.integer("num_labels") ?? options.surroundings.classCount, classCount > 1 else {
            throw options.error("num_labels", expected: "the number of classes, 2 or more")
        }
        guard let width = try options.integer("embedding_dimension") ?? options.surroundings.embeddingDimension, width > 0 else {
            throw options.error("embedding_dimension", expected: "the width of the embeddings, 1 or more")
        }
        let features = try SoftmaxLoss.Feature.allCases.filter { try options.bool($0.rawValue, default: $0 != .product) }
        try options.require(!features.isEmpty, "concatenation_sent_rep", "true unless another concatenation is")
        return SoftmaxLoss(embeddingDimension: width, classCount: classCount, features: Set(features))
    }
}
