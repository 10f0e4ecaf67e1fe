import Layers

extension EncoderArchitecture {
    /// DistilBERT (Sanh et al. 2019): BERT without token types, which drops nothing of what attention gives.
    public static let distilbert = EncoderArchitecture(
        "distilbert", className: "DistilBertModel", prefix: "distilbert.",
        names: .bert.merging([
            "layers": "transformer.layer",
            "attention.query": "attention.q_lin", "attention.key": "attention.k_lin",
            "attention.value": "attention.v_lin", "attention.output": "attention.out_lin", "attentionNorm": "sa_layer_norm",
            "feedForward.expansion": "ffn.lin1", "feedForward.contraction": "ffn.lin2", "outputNorm": "output_layer_norm",
        ]),
        keys: [
            "hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads",
            "intermediate_size": "hidden_dim", "hidden_act": "activation", "hidden_dropout_prob": "dropout",
            "attention_probs_dropout_prob": "attention_dropout", "type_vocab_size": nil, "layer_norm_eps": nil,
        ],
        preset: { $0.typeVocabularySize = 0 },
        make: { TransformerEncoder($0, attentionDropout: 0, key: $1) })
}
