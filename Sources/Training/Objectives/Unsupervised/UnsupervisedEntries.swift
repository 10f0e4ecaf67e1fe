import Losses

extension ObjectiveEntry {
    static let unsupervised = [contrastiveTension, inBatchNegatives, denoisingAutoEncoder]

    private static let contrastiveTension = ObjectiveEntry(
        "ContrastiveTensionLoss", summary: "Two copies of a model shall agree on equal sentences and disagree on different ones.",
        formula: "Σ_i ( ln(1 + exp(s_i)) − y_i · s_i ), s_i = model1(a_i) · model2(b_i)",
        inputs: LossInputs(columns: ["sentence1", "sentence2"], labels: .optional(.scoresWithin(0...1)))
    ) { _, model in ContrastiveTensionLoss(model: model) }

    private static let inBatchNegatives = ObjectiveEntry(
        "ContrastiveTensionLossInBatchNegatives",
        summary: "Two copies of a model shall find a sentence among all of the batch by each other's embeddings.",
        formula: "(CE(Z, i) + CE(Zᵀ, i)) / 2, Z = sim(model1(X), model2(X)) · exp(logit_scale)",
        options: [
            .init("scale", "20", "exp(logit_scale) at the start"), .init("similarity_fct", "cos_sim", "similarity of all rows with all"),
            .init("mask_duplicates", "false", "equal sentences are no negatives"),
        ], inputs: LossInputs(columns: ["sentence"])
    ) { options, model in
        let scale = try options.number("scale", default: 20)
        try options.require(scale > 0, "scale", "more than 0")
        return ContrastiveTensionLossInBatchNegatives(
            model: model, scale: scale, similarity: try options.similarityMatrix(),
            masksDuplicates: try options.bool("mask_duplicates", default: false))
    }

    private static let denoisingAutoEncoder = ObjectiveEntry(
        "DenoisingAutoEncoderLoss", summary: "A decoder shall find a damaged sentence again, from its embedding alone (TSDAE).",
        formula: "mean over the tokens t of −ln softmax(decoder(t_<, encoder(damaged)))_t",
        options: [
            .init("decoder_name_or_path", "null", "folder of the decoder's model, where it is not tied"),
            .init("tie_encoder_decoder", "true", "the decoder shares the encoder's embeddings and layers"),
        ], inputs: LossInputs(columns: ["damaged", "original"])
    ) { options, model in
        try DenoisingAutoEncoderLoss(
            model: model, decoderNameOrPath: try options.string("decoder_name_or_path"),
            tieEncoderDecoder: try options.bool("tie_encoder_decoder", default: true))
    }
}
