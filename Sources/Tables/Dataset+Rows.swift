import Requirements

extension Dataset {
    /// One row, whose values are asked for by the names of their columns.
    public struct Row {
        let dataset: Dataset
        /// Its place, from 0.
        public let index: Int

        private func column(_ name: String) -> Column {
            guard let column = dataset.allColumns.first(where: { $0.name == name }) else {
                refuse("Dataset.Row: there is no column \"\(name)\"; the columns are \(Dataset.list(dataset.allColumns.map(\.name)))")
            }
            return column
        }

        /// The text of a column.
        ///
        /// - Precondition: The column is there, and can be used as texts.
        public func text(_ name: String) -> String { column(name).texts[index] }

        /// The list of texts of a column.
        ///
        /// - Precondition: The column is there, and holds lists of texts.
        public func texts(_ name: String) -> [String] { column(name).textLists[index] }

        /// The number of a column.
        ///
        /// - Precondition: The column is there, and holds one number a row.
        public func number(_ name: String) -> Double { column(name).values[index] }

        /// The numbers of a column, whose rows are lists of one shape or single numbers.
        ///
        /// - Precondition: The column is there, and holds such.
        public func numbers(_ name: String) -> [Double] { column(name).values(ofRows: [index]) }
    }

    /// The rows that fulfil a condition.
    ///
    /// - Throws: What the condition throws.
    public func filter(_ isIncluded: (Row) throws -> Bool) rethrows -> Dataset {
        select(try (0..<rowCount).filter { try isIncluded(Row(dataset: self, index: $0)) })
    }

    /// A new column of texts, or other ones for an input that is there: `dataset.map("anchor") { $0.text("anchor").lowercased() }`.
    ///
    /// - Throws: `DatasetError` if the column's name is none, or that of the labels, and what the transform throws.
    public func map(_ name: String, _ transform: (Row) throws -> String) throws -> Dataset {
        try setting(Column(name: name, texts: try (0..<rowCount).map { try transform(Row(dataset: self, index: $0)) }))
    }

    /// A new column of numbers, or other ones for an input that is there or for the labels.
    ///
    /// - Throws: `DatasetError` if the column's name is none or a number is not finite, and what the transform throws.
    public func map(_ name: String, _ transform: (Row) throws -> Double) throws -> Dataset {
        try setting(Column(name: name, values: try (0..<rowCount).map { try transform(Row(dataset: self, index: $0)) }))
    }

    private func setting(_ column: Column) throws -> Dataset {
        if column.name == labels?.name { return try Dataset(columns: columns, label: column, origin: origin) }
        let isNew = !columnNames.contains(column.name)
        let inputs = columns.map { $0.name == column.name ? column : $0 } + (isNew ? [column] : [])
        try Self.checkNames(inputs.map(\.name), source: source)
        return Dataset(unchecked: inputs, labels: labels, origin: origin)
    }
}
