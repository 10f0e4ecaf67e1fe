/// Gathers the values of a column, row after row: all of one type.
struct ColumnBuilder {
    private enum Form: Equatable { case texts, numbers, matrices([Int]), emptyLists, textLists, numberLists }

    let name: String
    private(set) var rowCount = 0
    private var form: Form?
    /// The first value, for messages.
    private var first = ""
    private var texts = TextBuilder()
    private var numbers: [Double] = []
    private var areIntegers = true
    /// Lengths of the rows' lists.
    private var counts: [Int] = []

    init(name: String) { self.name = name }

    /// Whether no value has been taken.
    var isEmpty: Bool { form == nil }

    mutating func append(_ cell: Cell) throws(Cell.Problem) {
        rowCount += 1
        switch cell {
        case .text(let text):
            try take(.texts, cell)
            texts.append(text)
        case .texts(let list):
            try take(.textLists, cell)
            for text in list { texts.append(text) }
            counts.append(list.count)
        case .number(let value, let isInteger):
            try take(.numbers, cell)
            numbers.append(value)
            areIntegers = areIntegers && isInteger
        case .numbers(let list, let shape, let areInner):
            try take(shape.count == 1 ? .numberLists : .matrices(shape), cell)
            numbers += list
            counts.append(list.count)
            areIntegers = areIntegers && areInner
        case .emptyList:
            try take(.emptyLists, cell)
            counts.append(0)
        }
    }

    private mutating func take(_ new: Form, _ cell: Cell) throws(Cell.Problem) {
        guard new != form else { return }
        switch (form, new) {
        case (nil, _):
            first = cell.name
            form = new
        case (.emptyLists, .textLists), (.emptyLists, .numberLists): form = new
        case (.textLists, .emptyLists), (.numberLists, .emptyLists): break
        default: throw Cell.Problem("all values of a column must be of one type; the first is \(first), found \(cell.name)")
        }
    }

    /// - Parameter fields: The rows as they were written, where a file has no types of its own.
    func column(fields: TextColumn? = nil) -> Dataset.Column {
        func lists<Element>(_ elements: some RandomAccessCollection<Element>) -> [[Element]] {
            let elements = Array(elements)
            var end = 0
            return counts.map { count in
                end += count
                return Array(elements[end - count..<end])
            }
        }
        let content: Dataset.Column.Content =
            switch form {
            case .texts: .texts(texts.column)
            case .numbers: .numbers(numbers, rowShape: [], areIntegers: areIntegers)
            case .matrices(let shape): .numbers(numbers, rowShape: shape, areIntegers: areIntegers)
            case .numberLists where counts.allSatisfy { $0 == counts[0] }:
                .numbers(numbers, rowShape: [counts[0]], areIntegers: areIntegers)
            case .numberLists: .numberLists(lists(numbers), areIntegers: areIntegers)
            case .textLists, .emptyLists, nil: .textLists(lists(texts.column))
            }
        return Dataset.Column(name: name, content: content, fields: fields)
    }

    /// The column of a file without types: numbers or lists if every field spells one, else texts.
    static func column(name: String, fields: TextColumn) -> Dataset.Column {
        var builder = ColumnBuilder(name: name)
        for row in fields.indices {
            // Nearly every text is told by its first byte.
            guard fields.withUTF8(row, { $0.first.map("0123456789+-.[".utf8.contains) ?? false }),
                let cell = try? Cell(field: fields[row], as: "value"), (try? builder.append(cell)) != nil
            else { return Dataset.Column(name: name, content: .texts(fields), fields: fields) }
        }
        return builder.column(fields: fields)
    }
}
