import Tapestry

/// Sentences by how alike they are to a query.
struct Ranking {
    /// The closest first.
    let entries: [(text: String, score: Double)]

    init(_ model: SentenceTransformer, query: String, sentences: [String]) {
        let scores = model.similarity(model.encodeQuery([query]), model.encodeDocument(sentences)).values
        entries = zip(sentences, scores).enumerated()
            .sorted { $0.element.1 != $1.element.1 ? $0.element.1 > $1.element.1 : $0.offset < $1.offset }
            .map { (text: $0.element.0, score: $0.element.1) }
    }

    var table: TextTable {
        var table = TextTable("score", "sentence")
        for entry in entries { table.addRow(NumberFormat.fixed(entry.score), entry.text) }
        return table
    }
}
