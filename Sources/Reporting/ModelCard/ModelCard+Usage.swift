import SentenceEmbeddings
import Tables
import Training

extension ModelCard {
    /// How the model is opened and asked, with texts of its data, or with texts that everybody understands.
    var usage: String {
        let name = data.modelID ?? "path/of/this/folder"
        let shown = examples.first.map { Array($0.prefix(isForRetrieval ? 4 : 3)) } ?? Self.usualExamples
        let texts = shown.map(Self.quoted)
        let (width, count) = (model.embeddingDimension, shown.count)
        let queries = "[\(texts[0])]", documents = "[\(texts.dropFirst().joined(separator: ", "))]"
        let scores: [Double]
        let columns: Int
        let swift: String, python: String
        if isForRetrieval {
            columns = count - 1
            let (query, found) = (model.encodeQuery([shown[0]]), model.encodeDocument(Array(shown.dropFirst())))
            scores = model.similarity(query, found).values
            swift = """
                let queries = model.encodeQuery(\(queries))
                let documents = model.encodeDocument(\(documents))
                print(model.similarity(queries, documents))
                """
            python = """
                queries = model.encode_query(\(queries))
                documents = model.encode_document(\(documents))
                print(queries.shape, documents.shape)
                # [1, \(width)] [\(columns), \(width)]
                similarities = model.similarity(queries, documents)
                print(similarities)
                """
        } else {
            columns = count
            let embeddings = model.encode(shown)
            scores = model.similarity(embeddings, embeddings).values
            swift = """
                let embeddings = model.encode([\(texts.joined(separator: ", "))])
                print(model.similarity(embeddings, embeddings))
                """
            python = """
                embeddings = model.encode([\(texts.joined(separator: ", "))])
                print(embeddings.shape)
                # [\(count), \(width)]
                similarities = model.similarity(embeddings, embeddings)
                print(similarities)
                """
        }
        let rows = stride(from: 0, to: scores.count, by: columns).map { start in
            "[" + scores[start..<start + columns].map { NumberFormat.fixed($0) }.joined(separator: ", ") + "]"
        }
        return """
            ## Usage

            ### Direct Usage (Sentence Transformers)

            ```bash
            pip install -U sentence-transformers
            ```

            ```python
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer("\(name)")
            \(python)
            # [\(rows.joined(separator: ",\n#  "))]
            ```

            ### Direct Usage (Tapestry)

            ```swift
            import Tapestry

            let model = try SentenceTransformer("\(name)")
            \(swift)
            ```
            """
    }

    private static let usualExamples = ["The sky is clear today.", "There is not a cloud to be seen.", "She repairs old bicycles."]

    /// Whether queries are told from documents: by prompts, by names of columns, by an evaluator.
    private var isForRetrieval: Bool {
        ["query", "document", "passage", "corpus"].contains { model.prompts[$0]?.isEmpty == false }
            || tasks.contains { task in task.dataset.columnNames.contains { ["query", "question"].contains($0) } }
            || evaluations.contains { $0.evaluator == "InformationRetrievalEvaluator" }
    }

    // MARK: Examples

    private static let exampleCount = 5
    private static let textsPerExample = 4

    /// The shortest rows of the datasets, in turn, each filled up to four texts from the rows that follow.
    static func examples(of datasets: [Dataset]) -> [[String]] {
        let sources = datasets.map(rows).filter { !$0.isEmpty }
        guard !sources.isEmpty else { return [] }
        var result: [[String]] = []
        for number in 0..<exampleCount {
            let rows = sources[number % sources.count]
            let index = number / sources.count
            let used = (exampleCount + sources.count - 1) / sources.count
            guard index < rows.count else { continue }
            var texts = rows[index]
            // The second text of others, since the first may be another query; no other example begins with it.
            var others = rows.indices.dropFirst(used + index * textsPerExample).makeIterator()
            while texts.count < textsPerExample, let other = others.next() {
                let text = rows[other].count > 1 ? rows[other][1] : rows[other][0]
                if !texts.contains(text) { texts.append(text) }
            }
            if texts.count > 1 { result.append(Array(texts.prefix(textsPerExample))) }
        }
        return result
    }

    /// The texts of the first thousand rows, the shortest first.
    private static func rows(of dataset: Dataset) -> [[String]] {
        let columns = dataset.columns.filter(\.hasTexts).map { Array($0.texts.prefix(1000)) }
        guard let first = columns.first else { return [] }
        let rows = first.indices.map { row in columns.map { $0[row] } }.filter { !$0.contains("") }
        let lengths = rows.map { $0.reduce(0) { $0 + $1.count } }
        return rows.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }.map { rows[$0] }
    }
}
