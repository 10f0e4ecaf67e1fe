import Requirements

extension Dataset {
    /// The given rows (from 0) in the given order; a row may be given more than once.
    ///
    /// - Precondition: Every index is a row of the dataset.
    public func selecting(rows: [Int]) -> Dataset {
        for row in rows { require(row >= 0 && row < rowCount, "Dataset.selecting(rows:): row \(row) is not in 0..<\(rowCount)") }
        return Dataset(
            unchecked: columns.map { $0.selecting(rows: rows) }, labels: labels?.selecting(rows: rows),
            origin: origin?.selecting(rows: rows))
    }

    /// Exactly the named columns in their roles: the inputs in the order given, and the labels only if they are named.
    ///
    /// - Throws: `DatasetError` that lists the available names if one is missing or given twice, or if no
    ///   input is named.
    public func selecting(columns names: [String]) throws -> Dataset {
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
    public func removing(columns names: [String]) throws -> Dataset {
        for name in names { _ = try anyColumn(named: name) }
        return try selecting(columns: allColumns.map(\.name).filter { !names.contains($0) })
    }

    /// The first `count` rows, or all if there are fewer.
    ///
    /// - Precondition: `count` is not negative.
    public func prefix(_ count: Int) -> Dataset {
        require(count >= 0, "Dataset.prefix: a count cannot be negative, found \(count)")
        return count >= rowCount ? self : selecting(rows: Array(0..<count))
    }

    /// The rows in an order drawn from the low 32 bits of `seed`: `MersenneTwister.permutation(count:)`.
    public func shuffled(seed: UInt64) -> Dataset {
        var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
        return selecting(rows: generator.permutation(count: rowCount))
    }

    /// Shuffles the rows and parts them in two, so that each row is in exactly one part.
    ///
    /// - Parameters:
    ///   - testFraction: The test part's share of the rows, between 0 and 1; rounded to whole rows.
    ///   - seed: Says which rows go where.
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
        let shuffled = shuffled(seed: seed), trainCount = rowCount - testCount
        return (shuffled.prefix(trainCount), shuffled.selecting(rows: Array(trainCount..<rowCount)))
    }
}
