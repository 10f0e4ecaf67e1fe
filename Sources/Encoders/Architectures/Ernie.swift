import Layers
import Options

extension EncoderArchitecture {
    /// ERNIE (Sun et al. 2020): BERT, to whose embeddings a vector of the task may be added.
    public static let ernie = EncoderArchitecture(
        "ernie", className: "ErnieModel", prefix: "ernie.",
        names: .bert.merging(["embeddings.tasks": "embeddings.task_type_embeddings"]),
        settings: [EncoderSetting.usesTasks, EncoderSetting.taskCount],
        make: { c, key in
            guard c[.usesTasks] else { return TransformerEncoder(c, key: key) }
            let embeddings = TokenEmbeddings(c, key: key?.folded(with: 0)).with(
                tasks: Embedding(
                    count: c[.taskCount], width: c.hiddenSize, standardDeviation: c.initializerRange, key: key?.folded(with: 1 << 32)))
            return TransformerEncoder(c, embeddings: embeddings, layers: TransformerEncoder.layers(c, key: key))
        })
}

extension EncoderSetting<Bool> {
    /// Whether a vector of the task is added to the embeddings: that of task 0.
    public static let usesTasks = EncoderSetting("use_task_id", false)
}

extension EncoderSetting<Int> {
    /// Number of tasks.
    public static let taskCount = EncoderSetting("task_type_vocab_size", 3, .small)
}
