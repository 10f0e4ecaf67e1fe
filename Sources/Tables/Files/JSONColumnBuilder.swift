import JSON

/// Gathers the values of a column whose type no file tells: a type is found by looking, and kept where all values have it.
struct JSONColumnBuilder {
    let name: String
    private(set) var rowCount = 0
    private var cells: ColumnBuilder
    private var booleans: [Bool] = []
    /// Empty until the first null.
    private var nulls: [Bool] = []
    /// All values, from the first on that has another type than those before.
    private var mixed: [JSONValue] = []
    private var problem: Cell.Problem?

    init(name: String) {
        self.name = name
        cells = ColumnBuilder(name: name)
    }

    mutating func append(_ value: JSONValue) {
        defer { rowCount += 1 }
        guard problem == nil else {
            mixed.append(value)
            return
        }
        do throws(Cell.Problem) {
            switch value {
            case .null:
                if nulls.isEmpty { nulls = Array(repeating: false, count: rowCount) }
                nulls.append(true)
                return
            case .bool(let truth) where cells.isEmpty: booleans.append(truth)
            default:
                let cell = try Cell(value)
                guard booleans.isEmpty else {
                    throw Cell.Problem("all values of a column must be of one type; the first is \(booleans[0]), found \(cell.name)")
                }
                try cells.append(cell)
            }
            if !nulls.isEmpty { nulls.append(false) }
        } catch {
            var error = error
            error.row = rowCount
            let before = values
            mixed = (0..<rowCount).map(before.json) + [value]
            problem = error
        }
    }

    /// Says that a value cannot be used, though it has a spelling.
    mutating func append(_ spelling: String, unusable text: String) {
        if problem == nil {
            let before = values
            mixed = (0..<rowCount).map(before.json)
            problem = Cell.Problem(text)
            problem!.row = rowCount
        }
        append(.string(spelling))
    }

    var values: FileValues {
        if let problem { return FileValues(.mixed(mixed, problem), nulls: mixed.map { $0 == .null }) }
        let isEmpty = booleans.isEmpty && cells.isEmpty
        if isEmpty { return FileValues(.none(count: nulls.count)) }
        let dense = booleans.isEmpty ? FileValues(cells.column()) : FileValues(.booleans(booleans))
        guard !nulls.isEmpty else { return dense }
        // Any value fills the places of nulls.
        var next = 0
        let places = nulls.map { isNull in
            if isNull { return 0 }
            next += 1
            return next - 1
        }
        return FileValues(dense.selecting(places).content, nulls: nulls)
    }

    var column: FileColumn {
        let values = values
        return FileColumn(name: name, type: values.typeName, values: values)
    }
}
