extension Dataset {
    /// The same table in the roles that a task gives: these inputs, in this order, and this label. Other columns are
    /// left out.
    ///
    /// - Parameters:
    ///   - inputs: The names of the inputs, in their order.
    ///   - label: A column of numbers, one a row or lists of one shape; nil: there is no label.
    /// - Throws: `DatasetError` that lists the available names if one is missing or given twice, or if there is no input,
    ///   and that names the first row whose label is none.
    public func selecting(inputs: [String], label: String? = nil) throws -> Dataset {
        try Self.checkNames(inputs + (label.map { [$0] } ?? []), source: source)
        guard !inputs.isEmpty else { throw DatasetError("a dataset needs at least one input column, found none", source: source) }
        return try Dataset(columns: inputs.map { try anyColumn(named: $0) }, label: label.map { try anyColumn(named: $0) }, origin: origin)
    }

    /// Gives the columns of a file their roles. Only those that get one have to hold what a dataset can.
    ///
    /// - Parameters:
    ///   - inputs: nil: all columns but the label.
    ///   - label: nil: where `inputs` are given, none; else the first present of `labelNames`.
    ///   - nulls: What becomes of rows without a value in a column that gets a role.
    package init(_ table: Table, inputs: [String]? = nil, label: String? = nil, nulls: NullPolicy = .refuse) throws {
        let all = table.columns.map(\.name), source = table.origin.source
        let label = label ?? (inputs == nil ? Self.labelName(in: all) : nil)
        if let label, !all.contains(label) {
            throw DatasetError("there is no such column for the labels; the columns are " + Self.list(all), source: source, column: label)
        }
        let inputs = inputs ?? all.filter { $0 != label }
        guard !inputs.isEmpty || label == nil else {
            throw DatasetError("there is no column beside the label column \"\(label!)\"", source: source)
        }
        let names = inputs + (label.map { [$0] } ?? [])
        try Self.checkNames(names, source: source)
        guard !inputs.isEmpty else { throw DatasetError("a dataset needs at least one input column, found none", source: source) }
        if let missing = names.first(where: { !all.contains($0) }) {
            throw DatasetError("there is no such column; the columns are " + Self.list(all), source: source, column: missing)
        }
        let table = nulls == .dropRows ? table.droppingNulls(in: names) : table
        guard table.rowCount > 0 else {
            throw DatasetError(nulls == .dropRows ? "no row has a value in each column" : "the file has no rows", source: source)
        }
        let columns = try names.map { name in
            do throws(Cell.Problem) {
                return try table.columns.first { $0.name == name }!.values.column(named: name)
            } catch { throw table.origin.error(atRow: error.row, column: name, error.text) }
        }
        try self.init(columns: Array(columns.prefix(inputs.count)), label: label.map { _ in columns.last! }, origin: table.origin)
    }

    /// The column that is the label by its name: the first present of `labelNames`.
    static func labelName(in columnNames: [String]) -> String? { labelNames.first(where: columnNames.contains) }

    /// The texts of an input.
    ///
    /// - Throws: `DatasetError` that lists the available names if no input has this one, or if it holds no texts.
    public func column(named name: String) throws -> [String] {
        guard let column = columns.first(where: { $0.name == name }) else {
            let hint = labels?.name == name ? "it is the label column" : "there is no such text column"
            throw DatasetError(
                hint + "; the text columns are " + Self.list(columns.filter(\.hasTexts).map(\.name)), source: source, column: name)
        }
        try requireTexts(column, for: "column(named:)")
        return Array(column.texts)
    }

    /// Checks that every input can be used as texts.
    ///
    /// - Parameter purpose: Who asks, for the message, such as `CosineSimilarityLoss`.
    /// - Throws: `DatasetError` that names the first column of another type.
    public func requireTexts(for purpose: String) throws {
        for column in columns { try requireTexts(column, for: purpose) }
    }

    private func requireTexts(_ column: Column, for purpose: String) throws {
        guard !column.hasTexts else { return }
        throw DatasetError("\(purpose) takes texts, but the column holds \(column.kind.rawValue)", source: source, column: column.name)
    }

    /// The numbers of some rows, the columns side by side: what a model that takes numbers is given.
    ///
    /// - Parameters:
    ///   - names: Columns of numbers, one a row or lists of one length; nil: all inputs.
    ///   - rows: From 0; nil: all.
    /// - Returns: Row after row, and the shape `[rows, W]`. A column alone may hold lists of lists: `[rows, C, K]`.
    /// - Throws: `DatasetError` that names a column that is missing, or the first row that holds something else.
    public func numbers(columns names: [String]? = nil, rows: [Int]? = nil) throws -> (values: [Double], shape: [Int]) {
        let found = try (names.map { try $0.map(anyColumn) } ?? columns).map { try numbers($0, as: "value") }
        let rows = rows ?? Array(0..<rowCount)
        if found.count == 1 {
            return (found[0].values(ofRows: rows), [rows.count] + (found[0].rowShape.isEmpty ? [1] : found[0].rowShape))
        }
        for column in found where column.rowShape.count > 1 {
            throw DatasetError(
                "lists of lists cannot stand beside other columns; take the column alone", source: source, column: column.name)
        }
        let parts = found.map { (values: $0.values, width: $0.rowShape.first ?? 1) }
        let width = parts.reduce(0) { $0 + $1.width }
        var values: [Double] = []
        values.reserveCapacity(rows.count * width)
        for row in rows { for part in parts { values += part.values[row * part.width..<(row + 1) * part.width] } }
        return (values, [rows.count, width])
    }

    /// A column as numbers of one shape.
    ///
    /// - Throws: `DatasetError` that names the first row that holds something else.
    func numbers(_ column: Column, as noun: String) throws -> Column {
        do {
            return try column.numbers(as: noun)
        } catch let problem {
            throw error(atRow: problem.row, column: column.name, problem.text)
        }
    }

    func anyColumn(named name: String) throws -> Column {
        guard let column = allColumns.first(where: { $0.name == name }) else {
            throw DatasetError(
                "there is no such column; the columns are " + Self.list(allColumns.map(\.name)), source: source, column: name)
        }
        return column
    }
}
