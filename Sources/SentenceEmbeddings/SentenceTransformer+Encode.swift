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
    ///   - task: What the sentences are for, by which a ``Router`` chooses; of no effect in other models.
    ///   - batchSize: Sentences that are computed together. More use more memory.
    ///   - normalizesEmbeddings: Divides each embedding by its length, after it was truncated.
    ///   - truncateDimension: Keeps the first so many numbers; nil: what the model says.
    ///   - progress: Called with the number of sentences done.
    /// - Returns: `[N, D]`, float32 (the dtype of the weights).
    public func encode(
        _ sentences: some Collection<String>, promptName: String? = nil, prompt: String? = nil, task: String? = nil, batchSize: Int = 32,
        normalizesEmbeddings: Bool = false, truncateDimension: Int? = nil, progress: ((Int) -> Void)? = nil
    ) -> Tensor {
        let sentences = Array(sentences)
        require(batchSize > 0, "encode: a batch size of \(batchSize) holds no sentence")
        let dimension = min(truncateDimension ?? embeddingDimension, embeddingDimension)
        let dtype = parameters.first?.value.dtype ?? .float32
        guard !sentences.isEmpty else { return .zeros([0, dimension], dtype: dtype) }
        let prefix = prompt ?? self.prompt(named: promptName)
        let task = goesByTask ? task : nil, promptLength = self.promptLength(of: prefix, for: task)
        let contents = Parallel.map(sentences) {
            TokenBatch.Content(tokens: input.tokenize(prefix + $0, for: task), promptLength: promptLength, task: task)
        }
        let (embeddings, places) = distinctEmbeddings(of: contents, batchSize: batchSize, dimension: dimension, progress: progress)
        return (normalizesEmbeddings ? embeddings.normalized() : embeddings).gatheringRows(at: Tensor(indices: places))
    }

    /// The embeddings of those sequences that differ, and which of them each sequence has. Nothing is drawn.
    ///
    /// The longest are computed first, and none that the model remembers.
    ///
    /// - Parameters:
    ///   - sequences: What is embedded.
    ///   - batchSize: Sequences that are computed together.
    ///   - dimension: D, how many numbers of each embedding are kept; nil: all.
    ///   - progress: Called with the number of sequences done.
    /// - Returns: `[N, D]` for N sequences that differ, and a row for each sequence.
    package func distinctEmbeddings(
        of sequences: [TokenBatch.Content], batchSize: Int, dimension: Int? = nil, progress: ((Int) -> Void)? = nil
    ) -> (embeddings: Tensor, places: [Int]) {
        func cut(_ embeddings: Tensor) -> Tensor {
            guard let dimension, dimension < embeddings.shape[1] else { return embeddings }
            return embeddings.sliced(0..<dimension, alongAxis: 1)
        }
        var (numbers, contents, counts) = ([TokenBatch.Content: Int](), [TokenBatch.Content](), [Int]())
        var places = sequences.map { content in
            let number = numbers[content, default: contents.count]
            if number == contents.count {
                numbers[content] = number
                contents.append(content)
                counts.append(0)
            }
            counts[number] += 1
            return number
        }
        let known = memory?.rows(of: contents, weights: parameters.map(\.value)) ?? [Tensor?](repeating: nil, count: contents.count)
        let missing = contents.indices.filter { known[$0] == nil }.sorted {
            let (one, other) = (contents[$0].length, contents[$1].length)
            return one != other ? one > other : $0 < $1
        }
        var (rows, order) = ([Tensor](), [Int]())
        var done = contents.indices.reduce(0) { known[$1] == nil ? $0 : $0 + counts[$1] }
        if missing.isEmpty { progress?(done) }
        for start in stride(from: 0, to: missing.count, by: batchSize) {
            let part = missing[start..<min(start + batchSize, missing.count)]
            let batch = part.map { contents[$0] }
            guard let embeddings = self(TokenBatch(batch), in: .inference).sentenceEmbedding else {
                refuse("encode: no module of this model makes a sentence embedding")
            }
            memory?.note(embeddings, of: batch)
            rows.append(cut(embeddings))
            order += part
            done += part.reduce(0) { $0 + counts[$1] }
            progress?(done)
        }
        for (number, row) in known.enumerated() {
            guard let row else { continue }
            rows.append(cut(row))
            order.append(number)
        }
        // Row r is of the content number order[r].
        var rowOf = [Int](repeating: 0, count: order.count)
        for (row, number) in order.enumerated() { rowOf[number] = row }
        for sequence in places.indices { places[sequence] = rowOf[places[sequence]] }
        return (rows.count == 1 ? rows[0] : .concatenating(rows), places)
    }

    /// Embeds queries: with the prompt `query`, where the model has one, and by the route `query` of a ``Router``. The default prompt
    /// is not theirs.
    public func encodeQuery(_ sentences: some Collection<String>, batchSize: Int = 32, truncateDimension: Int? = nil) -> Tensor {
        encode(sentences, prompt: queryPrompt, task: "query", batchSize: batchSize, truncateDimension: truncateDimension)
    }

    /// Embeds documents: with the first of the prompts `document`, `passage`, `corpus` that the model has. The default prompt
    /// is not theirs. A model from a folder always has a prompt `document`, an empty one where its file names none. A ``Router`` takes
    /// them by its route `document`.
    public func encodeDocument(_ sentences: some Collection<String>, batchSize: Int = 32, truncateDimension: Int? = nil) -> Tensor {
        encode(sentences, prompt: documentPrompt, task: "document", batchSize: batchSize, truncateDimension: truncateDimension)
    }

    /// Embeds queries and documents, each different text once: `[Q, D]` and `[N, D]`, as ``encodeQuery(_:batchSize:truncateDimension:)``
    /// and ``encodeDocument(_:batchSize:truncateDimension:)`` do.
    public func encode(
        queries: some Collection<String>, documents: some Collection<String>, batchSize: Int = 32, truncateDimension: Int? = nil
    ) -> (queries: Tensor, documents: Tensor) {
        guard queryPrompt == documentPrompt, !goesByTask else {
            return (
                encodeQuery(queries, batchSize: batchSize, truncateDimension: truncateDimension),
                encodeDocument(documents, batchSize: batchSize, truncateDimension: truncateDimension)
            )
        }
        let both = encode(
            Array(queries) + Array(documents), prompt: queryPrompt, batchSize: batchSize, truncateDimension: truncateDimension)
        return (both.sliced(0..<queries.count), both.sliced(queries.count..<queries.count + documents.count))
    }

    /// The routers among the modules.
    package var routers: [Router] { allModules.compactMap { $0 as? Router } }
    /// Whether what a text is for makes a difference.
    private var goesByTask: Bool { !routers.isEmpty }

    private var queryPrompt: String { prompts["query"] ?? "" }

    private var documentPrompt: String { ["document", "passage", "corpus"].lazy.compactMap { prompts[$0] }.first ?? "" }

    /// The tokens of texts, column after column, as one batch without padding.
    ///
    /// - Parameters:
    ///   - columns: Texts; the sequences of the batch stand column after column.
    ///   - prompts: Put before the texts of each column; nil: none.
    ///   - tasks: What the texts of each column are for, by which a ``Router`` chooses; nil: nothing is said.
    ///   - samples: The number by which each text draws; 0, 1, 2 … when left out.
    public func tokenize(
        columns: [[String]], prompts: [String]? = nil, tasks: [String?]? = nil, samples: [UInt32]? = nil
    ) -> TokenBatch {
        require(prompts == nil || prompts!.count == columns.count, "tokenize: one prompt a column")
        require(tasks == nil || tasks!.count == columns.count, "tokenize: one task a column")
        let tasks = goesByTask ? tasks : nil
        let sequences = columns.enumerated().flatMap { column, texts in
            Parallel.map(texts) { input.tokenize((prompts?[column] ?? "") + $0, for: tasks?[column]) }
        }
        func repeated<Value>(_ value: (Int) -> Value) -> [Value] {
            columns.enumerated().flatMap { repeatElement(value($0), count: $1.count) }
        }
        return TokenBatch(
            sequences: sequences, samples: samples,
            promptLengths: prompts.map { prompts in repeated { promptLength(of: prompts[$0], for: tasks?[$0]) } },
            tasks: tasks.map { tasks in repeated { tasks[$0] } })
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
    private func promptLength(of prompt: String, for task: String?) -> Int {
        guard !prompt.isEmpty else { return 0 }
        let ids = input.tokenize(prompt, for: task)
        let isClosed = ids.last.map(input.tokenizer(for: task).isSpecial) ?? false
        return isClosed ? ids.count - 1 : ids.count
    }
}
