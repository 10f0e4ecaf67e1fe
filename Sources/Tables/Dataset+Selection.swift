import Requirements

extension Dataset {
    /// The given rows (from 0) in the given order; a row may be given more than once.
    ///
    /// - Precondition: Every index is a row of the dataset.
    public func select(_ rows: [Int]) -> Dataset {
        for row in rows { require(row >= 0 && row < rowCount, "Dataset.select: row \(row) is not in 0..<\(rowCount)") }
        return Dataset(
            unchecked: columns.map { $0.selecting(rows: rows) }, labels: labels?.selecting(rows: rows),
            origin: origin?.selecting(rows: rows))
    }

    /// Rows one after another.
    ///
    /// - Precondition: They are rows of the dataset.
    public func select(_ rows: Range<Int>) -> Dataset { rows == 0..<rowCount ? self : select(Array(rows)) }

    /// Exactly the named columns in their roles: the inputs in the order given, and the labels only if they are named.
    ///
    /// - Throws: `DatasetError` that lists the available names if one is missing or given twice, or if no
    ///   input is named.
    public func selectColumns(_ names: [String]) throws -> Dataset {
        for name in names { _ = try anyColumn(named: name) }
        let inputs = names.filter { $0 != labels?.name }
        guard !inputs.isEmpty else {
            throw DatasetError("no input column would be left; the input columns are " + Self.list(columnNames), source: source)
        }
        return try selecting(inputs: inputs, label: labels.flatMap { names.contains($0.name) ? $0.name : nil })
    }

    /// All columns but the named ones; naming the label column drops the labels.
    ///
    /// - Throws: `DatasetError` that lists the available names if one is missing, or if no input is left.
    public func removeColumns(_ names: [String]) throws -> Dataset {
        for name in names { _ = try anyColumn(named: name) }
        return try selectColumns(allColumns.map(\.name).filter { !names.contains($0) })
    }

    /// The same column under another name, in the same role.
    ///
    /// - Throws: `DatasetError` that lists the available names if it is missing, and if the new name is taken or none.
    public func renameColumn(_ name: String, to newName: String) throws -> Dataset {
        _ = try anyColumn(named: name)
        func renamed(_ column: Column) -> Column {
            column.name == name ? Column(name: newName, content: column.content, fields: column.fields) : column
        }
        try Self.checkNames(allColumns.map { renamed($0).name }, source: source)
        return Dataset(unchecked: columns.map(renamed), labels: labels.map(renamed), origin: origin)
    }

    /// The first `count` rows, or all if there are fewer.
    ///
    /// - Precondition: `count` is not negative.
    public func prefix(_ count: Int) -> Dataset {
        require(count >= 0, "Dataset.prefix: a count cannot be negative, found \(count)")
        return select(0..<min(count, rowCount))
    }

    /// The rows in random order: for the same seed the same as in the `datasets` library.
    public func shuffle(seed: UInt64) -> Dataset {
        var generator = PCG64(seed: seed)
        return select(generator.permutation(count: rowCount))
    }

    /// Shuffles the rows and parts them in two, so that each row is in exactly one part: for the same seed the same ones as in the
    /// `datasets` library.
    ///
    /// - Parameters:
    ///   - testSize: The test part's share of the rows, between 0 and 1; rounded up to whole rows.
    ///   - seed: Says which rows go where.
    /// - Throws: `DatasetError` if the share is not between 0 and 1 or leaves a part without rows.
    public func trainTestSplit(testSize: Double = 0.25, seed: UInt64) throws -> (train: Dataset, test: Dataset) {
        guard testSize > 0, testSize < 1 else {
            throw DatasetError("testSize must lie between 0 and 1, or be a number of rows, found \(testSize)", source: source)
        }
        return try trainTestSplit(testSize: Int((testSize * Double(rowCount)).rounded(.up)), seed: seed)
    }

    /// The same with a number of rows for the test part.
    ///
    /// - Throws: `DatasetError` if the number leaves a part without rows.
    public func trainTestSplit(testSize: Int, seed: UInt64) throws -> (train: Dataset, test: Dataset) {
        guard testSize > 0, testSize < rowCount else {
            throw DatasetError("of \(rowCount) rows \(testSize) would be test rows: both parts need at least one", source: source)
        }
        var generator = PCG64(seed: seed)
        let order = generator.permutation(count: rowCount)
        return (select(Array(order[testSize...])), select(Array(order[..<testSize])))
    }

    /// Rows by their places, as the field writes them: `[:10000]`, `[10%:20%]`, `[-100:]`, or several joined by `+`.
    ///
    /// A name may stand before, as in `train[:10000]`. Shares are rounded to the nearest row, and what lies beyond the ends is no row.
    ///
    /// - Throws: `DatasetError` if the text is no such slice, or if no rows are in it.
    public func slice(_ text: String) throws -> Dataset {
        var rows: [Int] = []
        for part in text.split(separator: "+", omittingEmptySubsequences: false) {
            guard part.contains(where: { !$0.isWhitespace }),
                let match = part.wholeMatch(of: /\s*[\w.-]*\s*(?:\[\s*(-?\d+)?\s*(%)?\s*:\s*(-?\d+)?\s*(%)?\s*\])?\s*/)
            else {
                throw DatasetError("\"\(text)\" is no slice; write train[:10000], train[10%:20%] or train[-100:]", source: source)
            }
            func bound(_ digits: Substring?, isShare: Bool, _ absent: Int) throws -> Int {
                guard let digits else { return absent }
                guard let number = Int(digits), !isShare || (-100...100).contains(number) else {
                    throw DatasetError("\"\(text)\" is no slice: \(digits) is beyond the rows", source: source)
                }
                let place = isShare ? Int((Double(number) * Double(rowCount) / 100).rounded(.toNearestOrEven)) : number
                return min(max(place < 0 ? place + rowCount : place, 0), rowCount)
            }
            let start = try bound(match.1, isShare: match.2 != nil, 0), end = try bound(match.3, isShare: match.4 != nil, rowCount)
            rows += start..<max(start, end)
        }
        guard !rows.isEmpty else { throw DatasetError("no row lies in the slice \"\(text)\" of \(rowCount)", source: source) }
        return rows.count == rowCount && rows == Array(0..<rowCount) ? self : select(rows)
    }

    /// The rows of several datasets, one after another.
    ///
    /// - Throws: `DatasetError` unless all have the same columns, of the same kinds and in the same roles; the error names both.
    public static func concatenate(_ datasets: [Dataset]) throws -> Dataset {
        guard let first = datasets.first else { throw DatasetError("there is no dataset to concatenate") }
        let source = first.source ?? "the first dataset"
        for (index, dataset) in datasets.enumerated() {
            guard Set(dataset.columnNames) == Set(first.columnNames), dataset.labels?.name == first.labels?.name else {
                throw DatasetError(
                    "the columns are \(list(dataset.allColumns.map(\.name))), but those of \(source) are "
                        + list(first.allColumns.map(\.name)), source: dataset.source ?? "dataset \(index + 1)")
            }
        }
        func joined(_ column: Column) throws -> Column {
            let parts = try datasets.map { try $0.anyColumn(named: column.name) }
            guard let values = FileValues.joined(parts.map(FileValues.init)) else {
                let other = parts.firstIndex { $0.kind != column.kind } ?? 1
                throw DatasetError(
                    "the column holds \(parts[other].kind.rawValue), but in \(source) \(column.kind.rawValue)",
                    source: datasets[other].source ?? "dataset \(other + 1)", column: column.name)
            }
            do throws(Cell.Problem) {
                let fields = parts.allSatisfy { $0.fields != nil } ? TextColumn.joined(parts.map { $0.fields! }) : nil
                return Column(name: column.name, content: try values.column(named: column.name).content, fields: fields)
            } catch { throw DatasetError(error.text, column: column.name) }
        }
        return try Dataset(
            columns: first.columns.map(joined), label: first.labels.map(joined),
            origin: .joined(datasets.map { ($0.origin, $0.rowCount) }))
    }

    /// The different values of a column as fields have them, in the order in which they first occur.
    ///
    /// - Throws: `DatasetError` that lists the available names if there is no such column.
    public func unique(_ name: String) throws -> [String] {
        let column = try anyColumn(named: name)
        var seen: Set<[UInt8]> = []
        return (0..<rowCount).map(column.field).filter { seen.insert(Array($0.utf8)).inserted }
    }
}
