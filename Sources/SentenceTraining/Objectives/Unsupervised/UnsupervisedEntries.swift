import Losses
import Training

extension ObjectiveCatalog {
    static let unsupervised = [contrastiveTension, contrastiveTensionInBatchNegatives, denoisingAutoEncoder]

    private static let contrastiveTension = ObjectiveEntry(
        "ContrastiveTensionLoss", summary: "Two copies of the model shall agree on equal sentences and disagree on different ones.",
        formula: "Σ_i ln(1 + exp(s_i)) − y_i s_i, with s_i = model1(a_i) · model2(b_i)",
        inputs: ContrastiveTensionLoss.inputs, citation: ContrastiveTension.citation
    ) { ContrastiveTensionLoss(model: $1) }

    private static let contrastiveTensionInBatchNegatives = ObjectiveEntry(
        "ContrastiveTensionLossInBatchNegatives",
        summary: "Two copies of the model shall find a sentence among all of the batch by each other's embeddings.",
        formula: "(CE(Z) + CE(Zᵀ)) / 2, with Z_ij = exp(logit_scale) · sim(model1(x_i), model2(x_j)) and the diagonal as targets",
        options: [
            .init("scale", "20", "what exp(logit_scale) begins as"), .init("similarity_fct", "cos_sim", "similarity of all rows with all"),
            .init("mask_duplicates", "false", "leave out candidates that are the row's text again"),
        ],
        inputs: ContrastiveTensionLossInBatchNegatives.inputs, citation: ContrastiveTension.citation
    ) { options, model in
        let scale = try options.number("scale", default: 20)
        try options.require(scale > 0, "scale", "more than 0")
        return ContrastiveTensionLossInBatchNegatives(
            model: model, scale: scale, similarity: try options.similarityMatrix(),
            masksDuplicates: try options.bool("mask_duplicates", default: false))
    }

    private static let denoisingAutoEncoder = ObjectiveEntry(
        "DenoisingAutoEncoderLoss", summary: "From the embedding of a damaged sentence a decoder shall find the sentence again (TSDAE).",
        formula: "mean of −ln p(t_j | t_0 … t_{j−1}, embedding of the damaged sentence) over the tokens of the original",
        options: [
            .init("decoder_name_or_path", "null", "folder of a decoder; needed where it is not tied"),
            .init("tie_encoder_decoder", "true", "the decoder computes with the encoder's embeddings and layers"),
        ],
        inputs: DenoisingAutoEncoderLoss.inputs, citation: DenoisingAutoEncoderLoss.citation
    ) { options, model in
        try DenoisingAutoEncoderLoss(
            model: model, decoderNameOrPath: try options.string("decoder_name_or_path"),
            tieEncoderDecoder: try options.bool("tie_encoder_decoder", default: true))
    }
}
