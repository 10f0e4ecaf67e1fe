extension Dataset {
    /// The given rows (from 0) in the given order; a row may be given more than once.
    ///
    /// - Precondition: Every index is a row of the dataset.
    public func selecting(rows: [Int]) -> Dataset {
        for row in rows where row < 0 || row >= rowCount {
            preconditionFailure("Dataset.selecting(rows:): row \(row) is not in 0..<\(rowCount)")
        }
        return Dataset(
            unchecked: columns.map { column in Column(name: column.name, texts: rows.map { column.texts[$0] }) },
            labels: labels.map { labels in
                Labels(
                    uncheckedName: labels.name, values: labels.values(ofRows: rows), rowShape: labels.rowShape,
                    areIntegers: labels.areIntegers)
            },
            origin: origin.map { origin in
                var selected = origin
                selected.fileRows = rows.map { origin.fileRows[$0] }
                return selected
            })
    }

    /// Exactly the named columns: the text columns in the order given, and the labels only if they are named.
    ///
    /// - Throws: `DatasetError` that lists the available names if one is missing or given twice, or if no
    ///   text column is named.
    public func selecting(columns names: [String]) throws -> Dataset {
        try checkPresent(names)
        let selected = names.compactMap { name in columns.first { $0.name == name } }
        guard !selected.isEmpty else {
            throw DatasetError(
                "no text column would be left; the text columns are " + Self.list(columnNames), source: source)
        }
        try Self.checkNames(names, source: source)
        let keptLabels = labels.flatMap { names.contains($0.name) ? $0 : nil }
        return Dataset(unchecked: selected, labels: keptLabels, origin: origin)
    }

    /// All columns but the named ones; naming the label column drops the labels.
    ///
    /// - Throws: `DatasetError` that lists the available names if one is missing, or if no text column is
    ///   left.
    public func removing(columns names: [String]) throws -> Dataset {
        try checkPresent(names)
        return try selecting(columns: allColumnNames.filter { !names.contains($0) })
    }

    /// The first `count` rows, or all if there are fewer.
    ///
    /// - Precondition: `count` is not negative.
    public func prefix(_ count: Int) -> Dataset {
        precondition(count >= 0, "Dataset.prefix: a count cannot be negative, found \(count)")
        return count >= rowCount ? self : selecting(rows: Array(0..<count))
    }

    /// The rows in an order drawn from the low 32 bits of `seed`: `MersenneTwister.permutation(count:)`.
    public func shuffled(seed: UInt64) -> Dataset {
        var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
        return selecting(rows: generator.permutation(count: rowCount))
    }

    /// Shuffles the rows and parts them in two, so that each row is in exactly one part.
    ///
    /// - Parameter testFraction: The test part's share of the rows, between 0 and 1; rounded to whole rows.
    /// - Throws: `DatasetError` if the fraction is not between 0 and 1 or leaves a part without rows.
    public func split(testFraction: Double, seed: UInt64) throws -> (train: Dataset, test: Dataset) {
        guard testFraction > 0, testFraction < 1 else {
            throw DatasetError("testFraction must lie between 0 and 1, found \(testFraction)", source: source)
        }
        let testCount = Int((Double(rowCount) * testFraction).rounded())
        guard testCount > 0, testCount < rowCount else {
            throw DatasetError(
                "testFraction \(testFraction) of \(rowCount) rows gives \(testCount) test rows: "
                    + "both parts need at least one", source: source)
        }
        var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
        let order = generator.permutation(count: rowCount)
        return (
            train: selecting(rows: Array(order.dropLast(testCount))),
            test: selecting(rows: Array(order.suffix(testCount)))
        )
    }

    /// The text columns' names, then the label's.
    private var allColumnNames: [String] {
        columnNames + (labels.map { [$0.name] } ?? [])
    }

    private func checkPresent(_ names: [String]) throws {
        for name in names where !allColumnNames.contains(name) {
            throw DatasetError(
                "there is no such column; the columns are " + Self.list(allColumnNames),
                source: source, column: name)
        }
    }
}
