import Autodiff
import Encoders
import Layers
import Requirements

extension SentenceTransformer {
    /// Embeds sentences.
    ///
    /// Sentences are sorted by length and computed in batches, those of the same tokens once; the order of the
    /// results is that of the sentences, and a sentence's embedding does not depend on the others around it.
    ///
    /// - Parameters:
    ///   - sentences: Any texts, the empty one too.
    ///   - promptName: A name in `prompts`; without one the default prompt, if there is any.
    ///   - prompt: A text to put before each sentence; wins over `promptName`.
    ///   - batchSize: Sentences that are computed together. More use more memory.
    ///   - normalizesEmbeddings: Divides each embedding by its length, after it was truncated.
    ///   - truncateDimension: Keeps the first so many numbers; nil: what the model says.
    ///   - progress: Called with the number of sentences done.
    /// - Returns: `[N, D]`, float32 (the dtype of the weights).
    public func encode(
        _ sentences: some Collection<String>, promptName: String? = nil, prompt: String? = nil, batchSize: Int = 32,
        normalizesEmbeddings: Bool = false, truncateDimension: Int? = nil, progress: ((Int) -> Void)? = nil
    ) -> Tensor {
        let sentences = Array(sentences)
        require(batchSize > 0, "encode: a batch size of \(batchSize) holds no sentence")
        let dimension = min(truncateDimension ?? embeddingDimension, embeddingDimension)
        let dtype = parameters.first?.value.dtype ?? .float32
        guard !sentences.isEmpty else { return .zeros([0, dimension], dtype: dtype) }
        let prefix = prompt ?? self.prompt(named: promptName)
        let tokens = Parallel.map(sentences) { transformer.tokenize(prefix + $0) }
        let promptLength = self.promptLength(of: prefix)
        let groups = Dictionary(grouping: sentences.indices) { tokens[$0] }.values.sorted {
            let (one, other) = (tokens[$0[0]].count, tokens[$1[0]].count)
            return one != other ? one > other : $0[0] < $1[0]
        }
        var rows: [Tensor] = []
        var place = [Int](repeating: 0, count: sentences.count), done = 0
        for start in stride(from: 0, to: groups.count, by: batchSize) {
            let part = start..<min(start + batchSize, groups.count)
            let batch = TokenBatch(
                sequences: groups[part].map { tokens[$0[0]] }, promptLengths: [Int](repeating: promptLength, count: part.count))
            guard var embedding = self(batch, in: .inference).sentenceEmbedding else {
                refuse("encode: no module of this model makes a sentence embedding")
            }
            if dimension < embedding.shape[1] { embedding = embedding.sliced(0..<dimension, alongAxis: 1) }
            rows.append(normalizesEmbeddings ? embedding.normalized() : embedding)
            for group in part {
                for sentence in groups[group] { place[sentence] = group }
                done += groups[group].count
            }
            progress?(done)
        }
        return Tensor.concatenating(rows).gatheringRows(at: Tensor(indices: place))
    }

    /// Embeds queries: with the prompt `query`, where the model has one. The default prompt is not theirs.
    public func encodeQuery(_ sentences: some Collection<String>, batchSize: Int = 32, truncateDimension: Int? = nil) -> Tensor {
        encode(sentences, prompt: prompts["query"] ?? "", batchSize: batchSize, truncateDimension: truncateDimension)
    }

    /// Embeds documents: with the first of the prompts `document`, `passage`, `corpus` that the model has. The default prompt
    /// is not theirs. A model from a folder always has a prompt `document`, an empty one where its file names none.
    public func encodeDocument(_ sentences: some Collection<String>, batchSize: Int = 32, truncateDimension: Int? = nil) -> Tensor {
        let prompt = ["document", "passage", "corpus"].lazy.compactMap { prompts[$0] }.first
        return encode(sentences, prompt: prompt ?? "", batchSize: batchSize, truncateDimension: truncateDimension)
    }

    /// The tokens of texts, column after column, as one batch without padding.
    ///
    /// - Parameters:
    ///   - columns: Texts; the sequences of the batch stand column after column.
    ///   - prompts: Put before the texts of each column; nil: none.
    ///   - samples: The number by which each text draws; 0, 1, 2 … when left out.
    public func tokenize(columns: [[String]], prompts: [String]? = nil, samples: [UInt32]? = nil) -> TokenBatch {
        require(prompts == nil || prompts!.count == columns.count, "tokenize: one prompt a column")
        let sequences = columns.enumerated().flatMap { column, texts in
            Parallel.map(texts) { transformer.tokenize((prompts?[column] ?? "") + $0) }
        }
        let lengths = prompts.map { zip(columns, $0).flatMap { [Int](repeating: promptLength(of: $1), count: $0.count) } }
        return TokenBatch(sequences: sequences, samples: samples, promptLengths: lengths)
    }

    private func prompt(named name: String?) -> String {
        guard let name = name ?? defaultPromptName else { return "" }
        guard let prompt = prompts[name] else {
            refuse("encode: there is no prompt named \(name); there are \(prompts.keys.sorted())")
        }
        return prompt
    }

    /// Tokens that a prompt takes at the start of a sequence: as the original counts, its own and all around them, but for the
    /// last if that is a special one.
    private func promptLength(of prompt: String) -> Int {
        guard !prompt.isEmpty else { return 0 }
        let ids = transformer.tokenize(prompt)
        let isClosed = ids.last.map(transformer.tokenizer.isSpecial) ?? false
        return isClosed ? ids.count - 1 : ids.count
    }
}
