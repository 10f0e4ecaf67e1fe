/// Gathers the rows of a file into columns, of which the label rule makes one the labels.
struct TableBuilder {
    let source: String
    /// Whether the file's rows are its lines, as in JSON Lines.
    let rowsAreLines: Bool
    let names: [String]
    /// Which of `names` is the label.
    let labelIndex: Int?

    /// The texts of each column; the label's stay empty.
    private var texts: [[String]]
    private var labels: [Double] = []
    /// Of the first row's label, which is that of all.
    private var labelShape: [Int]?
    private var labelsAreIntegers = true
    private var fileRows: [Int] = []

    /// - Parameters:
    ///   - names: The names of all columns, in order.
    ///   - row: The row of the file that they stand in.
    ///   - rowsAreLines: Whether the file's rows are its lines.
    ///   - labelColumn: The name of the label column; `nil` is the first present of
    ///     `Labels.conventionalNames`.
    init(
        names: [String], source: String, row: Int, rowsAreLines: Bool, labelColumn: String?
    ) throws {
        let (row, line) = rowsAreLines ? (nil, row) : (row, nil)
        try Dataset.checkNames(names, source: source, row: row, line: line)
        if let labelColumn {
            guard let index = names.firstIndex(of: labelColumn) else {
                throw DatasetError(
                    "there is no such column for the labels; the columns are " + Dataset.list(names),
                    source: source, row: row, line: line, column: labelColumn)
            }
            labelIndex = index
        } else {
            labelIndex = Labels.index(in: names)
        }
        guard names.count > (labelIndex == nil ? 0 : 1) else {
            throw DatasetError(
                "there is no text column beside the label column \(Dataset.list(names))",
                source: source, row: row, line: line)
        }
        self.source = source
        self.rowsAreLines = rowsAreLines
        self.names = names
        texts = Array(repeating: [], count: names.count)
    }

    mutating func append(text: String, toColumn index: Int) {
        texts[index].append(text)
    }

    /// - Throws: `LabelText.Problem` for a label of another shape than the first.
    mutating func append(_ label: LabelText.Label) throws {
        let shape = labelShape ?? label.shape
        guard label.shape == shape else {
            throw LabelText.Problem("all labels must have the shape of the first, which is \(Self.name(shape)), "
                + "found \(Self.name(label.shape))")
        }
        labelShape = shape
        switch label {
        case .number(let value, let isInteger):
            labels.append(value)
            labelsAreIntegers = labelsAreIntegers && isInteger
        case .list(let values, _, let areIntegers):
            labels += values
            labelsAreIntegers = labelsAreIntegers && areIntegers
        }
    }

    private static func name(_ shape: [Int]) -> String { shape.isEmpty ? "a number" : "a list of shape \(shape)" }

    /// Notes the row of the file that the values appended last came from.
    mutating func finishRow(_ row: Int) {
        fileRows.append(row)
    }

    func dataset() -> Dataset {
        let columns = names.indices.filter { $0 != labelIndex }.map { index in
            Dataset.Column(name: names[index], texts: texts[index])
        }
        let column = labelIndex.map { index in
            Labels(uncheckedName: names[index], values: labels, rowShape: labelShape ?? [], areIntegers: labelsAreIntegers)
        }
        return Dataset(
            unchecked: columns, labels: column,
            origin: Dataset.Origin(source: source, rowsAreLines: rowsAreLines, fileRows: fileRows))
    }
}
