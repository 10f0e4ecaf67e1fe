import Requirements

extension Dataset {
    /// Where rows were read from. It follows the rows through selections and shuffles, so that a complaint
    /// about a row names the one that the user finds in the file.
    package struct Origin: Sendable {
        let source: String
        /// Of a file with fields.
        var quoting: Quoting?
        /// For each row of the dataset its row of the file, from 1 (a CSV header is row 1); nil where rows are lines.
        var rows: [Int]?
        /// The lines of the file at which they begin, from 1.
        var lines: [Int]

        func selecting(rows numbers: [Int]) -> Origin {
            Origin(source: source, quoting: quoting, rows: rows.map { rows in numbers.map { rows[$0] } }, lines: numbers.map { lines[$0] })
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

    /// Checks that labels of one number a row are classes 0, 1, 2 …; lists are not looked at.
    ///
    /// - Parameters:
    ///   - count: How many classes there are; nil: as many as the labels tell, which have to begin at 0 then.
    ///   - purpose: Who asks, for the message, such as `SoftmaxLoss`.
    /// - Throws: `DatasetError` that names the first row whose label is none.
    public func requireClasses(below count: Int?, for purpose: String) throws {
        guard let labels, labels.rowShape.isEmpty else { return }
        let end = count.map(Double.init) ?? .infinity
        let found = labels.values.firstIndex { $0 < 0 || $0 >= end || $0 != $0.rounded() }
        if let row = found {
            let value = labels.values[row]
            let remedy =
                value < 0
                ? "; leave out rows without a class, which SNLI marks with -1"
                : value != value.rounded() ? "" : "; number the classes from 0"
            throw error(
                atRow: row, column: labels.name,
                "\(purpose) takes classes from 0"
                    + (count.map { " to \($0 - 1)" } ?? "") + ", found \(UTF8Text.number(value))" + remedy)
        }
        guard labels.areIntegers else {
            throw error(
                atRow: 0, column: labels.name,
                "\(purpose) takes classes from 0, found \(labels.values[0]); write them as whole "
                    + "numbers, such as \(UTF8Text.number(labels.values[0]))")
        }
        guard count == nil, let least = labels.values.min(), least > 0 else { return }
        throw error(
            atRow: labels.values.firstIndex(of: least)!, column: labels.name,
            "\(purpose) takes classes from 0, but the least is \(UTF8Text.number(least)); number them from 0, or say how many there are")
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
