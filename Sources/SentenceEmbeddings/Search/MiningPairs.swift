import Tables

/// Anchors, their positives, and the corpus that negatives are taken from; each different text once.
struct MiningPairs {
    /// The anchors, in the order in which they come first.
    let anchors: [String]
    /// The given corpus, then the positives.
    let corpus: [String]
    /// The positives of each anchor, as rows of the corpus.
    let positives: [[Int]]
    /// The largest number of rows of an anchor.
    let maxPositives: Int
    let anchorName, positiveName: String

    /// - Throws: `DatasetError` for columns that are missing or hold no texts; ``SearchError`` if there is nothing to mine from.
    init(_ dataset: Dataset, anchorColumn: String?, positiveColumn: String?, corpus given: [String]?) throws {
        let names = dataset.columnNames
        guard names.count >= 2 || (anchorColumn != nil && positiveColumn != nil) else {
            throw SearchError("hard negatives are mined for a column of anchors and one of positives; the dataset has \(names)")
        }
        anchorName = anchorColumn ?? names[0]
        positiveName = positiveColumn ?? names[1]
        guard anchorName != positiveName else { throw SearchError("the column \"\(anchorName)\" cannot be both anchor and positive") }
        let (queries, passages) = (try dataset.column(named: anchorName), try dataset.column(named: positiveName))
        guard !queries.isEmpty else { throw SearchError("the dataset has no rows to mine hard negatives for") }
        let corpus = Numbered((given ?? []) + passages), anchors = Numbered(queries)
        var positives = [[Int]](repeating: [], count: anchors.texts.count), counts = [Int](repeating: 0, count: anchors.texts.count)
        for (query, passage) in zip(queries, passages) {
            let (anchor, positive) = (anchors.number[query]!, corpus.number[passage]!)
            counts[anchor] += 1
            if !positives[anchor].contains(positive) { positives[anchor].append(positive) }
        }
        (self.anchors, self.corpus, self.positives, maxPositives) = (anchors.texts, corpus.texts, positives, counts.max()!)
    }

    /// Different texts in the order in which they come first.
    private struct Numbered {
        private(set) var texts: [String] = [], number: [String: Int] = [:]

        init(_ all: [String]) {
            for text in all where number[text] == nil {
                number[text] = texts.count
                texts.append(text)
            }
        }
    }
}
