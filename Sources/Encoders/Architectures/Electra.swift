import Layers
import Options

extension EncoderArchitecture {
    /// ELECTRA (Clark et al. 2020): BERT with embeddings of a width of their own.
    public static let electra = EncoderArchitecture(
        "electra", className: "ElectraModel", prefix: "electra.",
        names: .bert.merging(["embeddings.projection": "embeddings_project"]), settings: [EncoderSetting.embeddingSize],
        make: { c, key in
            let width = c[.embeddingSize] ?? c.hiddenSize
            let embeddings = TokenEmbeddings(c, width: width, key: key?.folded(with: 0)).with(
                projection: width == c.hiddenSize
                    ? nil
                    : Linear(
                        inputWidth: width, outputWidth: c.hiddenSize, standardDeviation: c.initializerRange,
                        key: key?.folded(with: 1 << 32)))
            return TransformerEncoder(c, embeddings: embeddings, layers: TransformerEncoder.layers(c, key: key))
        })
}
