import Requirements

extension Dataset {
    /// Where rows were read from. It follows the rows through selections and shuffles, so that a complaint
    /// about a row names the one that the user finds in the file.
    package struct Origin: Sendable {
        let source: String
        /// For each row of the dataset its row of the file, from 1 (a CSV header is row 1); nil where rows are lines.
        var rows: [Int]?
        /// The lines of the file at which they begin, from 1.
        var lines: [Int]

        func selecting(rows numbers: [Int]) -> Origin {
            Origin(source: source, rows: rows.map { rows in numbers.map { rows[$0] } }, lines: numbers.map { lines[$0] })
        }
    }

    /// An error about one row (from 0) that names the row of the file, or the index where there is no file.
    ///
    /// - Precondition: `row` is a row of the dataset.
    public func error(atRow row: Int, column: String? = nil, _ problem: String) -> DatasetError {
        require(row >= 0 && row < rowCount, "Dataset.error: row \(row) is not in 0..<\(rowCount)")
        guard let origin else {
            return DatasetError("value \(row) (from 0): " + problem, column: column)
        }
        return DatasetError(problem, source: origin.source, row: origin.rows?[row], line: origin.lines[row], column: column)
    }

    /// Checks that there are labels and that each lies in `range`; of lists, every number.
    ///
    /// - Parameters:
    ///   - range: What the caller can work with, such as `-1...1` for cosine similarities.
    ///   - purpose: Who asks, for the message, such as `CosineSimilarityLoss`.
    /// - Throws: `DatasetError` that names the first row whose label lies outside.
    public func requireLabels(in range: ClosedRange<Double>, for purpose: String) throws {
        guard let labels else {
            throw DatasetError(
                "\(purpose) needs labels in \(range), but there is no label column: name it "
                    + "\(Self.list(Self.labelNames)); found the columns \(Self.list(columnNames))",
                source: source)
        }
        guard let index = labels.values.firstIndex(where: { !range.contains($0) }) else { return }
        throw error(
            atRow: index / labels.rowShape.reduce(1, *), column: labels.name,
            "\(purpose) needs labels in \(range), found \(labels.values[index]); scale the labels to that range")
    }
}
