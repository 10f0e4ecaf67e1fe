import Autodiff
import Foundation
import Layers
import Options

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
        settings: [EncoderSetting.sinusoidalPositions],
        preset: { $0.typeVocabularySize = 0 },
        make: { c, key in
            let encoder = TransformerEncoder(c, attentionDropout: 0, key: key)
            if c[.sinusoidalPositions], key != nil, let table = encoder.embeddings.positions?.weight {
                table.value = sinusoids(table.shape)
            }
            return encoder
        })

    /// Sines and cosines of the positions, in turn, of wavelengths that grow from column to column (Vaswani et al. 2017).
    private static func sinusoids(_ shape: [Int]) -> Tensor {
        let values = (0..<shape[0]).flatMap { position in
            (0..<shape[1]).map { column in
                let angle = Double(position) / pow(10_000, Double(column / 2 * 2) / Double(shape[1]))
                return column % 2 == 0 ? sin(angle) : cos(angle)
            }
        }
        return Tensor(values, shape: shape, dtype: .float32)
    }
}

extension EncoderSetting<Bool> {
    /// Whether positions begin as sines and cosines.
    public static let sinusoidalPositions = EncoderSetting("sinusoidal_pos_embds", false)
}
