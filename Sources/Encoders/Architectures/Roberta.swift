import Layers

extension EncoderArchitecture {
    /// RoBERTa (Liu et al. 2019): BERT whose positions begin after the padding token's id.
    public static let roberta = roberta("roberta", className: "RobertaModel")
    /// XLM-R (Conneau et al. 2020): RoBERTa for a hundred languages.
    public static let xlmRoberta = roberta("xlm-roberta", className: "XLMRobertaModel")
    /// CamemBERT (Martin et al. 2020): RoBERTa for French.
    public static let camembert = roberta("camembert", className: "CamembertModel")

    private static func roberta(_ modelType: String, className: String) -> EncoderArchitecture {
        EncoderArchitecture(
            modelType, className: className, prefix: "roberta.", names: .bert, preset: { $0.padTokenID = 1 },
            make: { TransformerEncoder($0, positionPadding: $0.padTokenID, key: $1) })
    }
}
