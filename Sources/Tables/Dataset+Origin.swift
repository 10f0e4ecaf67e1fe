import Requirements

extension Dataset {
    /// Where rows were read from. It follows the rows through selections and shuffles, so that a complaint
    /// about a row names the one that the user finds in the file.
    package struct Origin: Sendable {
        /// The rows of one file.
        struct Part: Sendable {
            let source: String
            /// Of a file with fields.
            var quoting: Quoting?
            let count: Int
            /// The number of the first row, from 1 (a CSV header is row 1); nil where rows are lines.
            var firstRow: Int?
            /// The lines at which rows begin, from 1; nil: the numbers of the rows, or where there are no lines.
            var lines: [Int]?
        }

        let parts: [Part]
        /// For each row of the dataset its place among the rows of all parts; nil: the same.
        private(set) var selection: [Int]?

        init(parts: [Part]) { self.parts = parts }

        init(source: String, count: Int, rowsAreLines: Bool = false) {
            parts = [Part(source: source, count: count, firstRow: rowsAreLines ? nil : 1)]
        }

        var source: String { parts.count == 1 ? parts[0].source : "\(parts[0].source) and \(parts.count - 1) more" }
        var quoting: Quoting? { parts[0].quoting }

        func selecting(rows: [Int]) -> Origin {
            var origin = self
            origin.selection = selection.map { selection in rows.map { selection[$0] } } ?? rows
            return origin
        }

        /// Of rows one after another; nil where one of the origins is unknown.
        static func joined(_ origins: [(Origin?, rowCount: Int)]) -> Origin? {
            var parts: [Part] = [], selection: [Int] = []
            for (origin, rowCount) in origins {
                guard let origin else { return nil }
                let start = parts.reduce(0) { $0 + $1.count }
                selection += (0..<rowCount).map { start + (origin.selection?[$0] ?? $0) }
                parts += origin.parts
            }
            var origin = Origin(parts: parts)
            origin.selection = selection
            return origin
        }

        func error(atRow row: Int, column: String?, _ problem: String) -> DatasetError {
            var place = selection?[row] ?? row, index = 0
            while index + 1 < parts.count, place >= parts[index].count {
                place -= parts[index].count
                index += 1
            }
            let part = parts[index]
            let row = part.firstRow.map { $0 + place }
            let line = part.lines?[place] ?? (part.firstRow == nil ? place + 1 : part.quoting == nil ? nil : row)
            return DatasetError(problem, source: part.source, row: row, line: line, column: column)
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
        return origin.error(atRow: row, column: column, problem)
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
