import Layers

extension EncoderArchitecture {
    /// BERT (Devlin et al. 2019).
    public static let bert = EncoderArchitecture(
        "bert", className: "BertModel", prefix: "bert.", names: .bert, make: { TransformerEncoder($0, key: $1) })
}

extension FileNames {
    /// The names that BERT's files have for the parts of a `TransformerEncoder`.
    static let bert: FileNames = [
        "embeddings.words": "embeddings.word_embeddings", "embeddings.positions": "embeddings.position_embeddings",
        "embeddings.types": "embeddings.token_type_embeddings", "embeddings.norm": "embeddings.LayerNorm",
        "layers": "encoder.layer",
        "attention.query": "attention.self.query", "attention.key": "attention.self.key",
        "attention.value": "attention.self.value", "attention.output": "attention.output.dense",
        "attentionNorm": "attention.output.LayerNorm",
        "feedForward.expansion": "intermediate.dense", "feedForward.contraction": "output.dense",
        "outputNorm": "output.LayerNorm",
    ]
}
