import JSON

extension FileValues {
    /// The values of a dataset's column, in the types of its file.
    init(_ column: Dataset.Column) {
        func numbers(_ values: [Double], _ areIntegers: Bool) -> Content {
            areIntegers ? .integers(values.map { Int($0) }) : .reals(values)
        }
        func lists<Element>(_ lists: [[Element]], _ content: ([Element]) -> Content) -> Content {
            var offsets = [0]
            for list in lists { offsets.append(offsets.last! + list.count) }
            return .lists(offsets: offsets, FileValues(content(lists.flatMap { $0 })))
        }
        switch column.content {
        case .texts(let texts): self.init(.texts(texts))
        case .textLists(let texts): self.init(lists(texts) { .texts(TextColumn($0)) })
        case .numberLists(let values, let areIntegers): self.init(lists(values) { numbers($0, areIntegers) })
        case .numbers(let values, let shape, let areIntegers):
            var content = numbers(values, areIntegers), count = values.count
            for width in shape.reversed() {
                count /= width
                content = .lists(offsets: (0...count).map { $0 * width }, FileValues(content))
            }
            self.init(content)
        }
    }

    /// The column of a dataset that holds the values.
    ///
    /// - Throws: For the first value that no dataset has a place for.
    func column(named name: String) throws(Cell.Problem) -> Dataset.Column {
        if let row = firstNull {
            throw Self.problem(
                "a value must be a text, a number or a list of either, found null; "
                    + "leave such rows out (nulls: .dropRows), or choose other columns", at: row)
        }
        switch content {
        case .texts(let texts): return .init(name: name, texts: texts)
        case .fields(let fields): return ColumnBuilder.column(name: name, fields: fields)
        case .integers, .reals, .booleans, .decimals:
            let (values, areIntegers) = try numbers { $0 }
            return .init(name: name, content: .numbers(values, rowShape: [], areIntegers: areIntegers))
        case .lists(let offsets, let elements): return try Self.lists(offsets, elements, named: name)
        case .others(_, let kind):
            throw Cell.Problem(
                "the column holds \(kind), and a dataset's columns hold texts, numbers or lists of either; choose other columns")
        case .structures: throw Cell.Problem("a value must be a text, a number or a list of either, found an object")
        case .mixed(_, let problem): throw problem
        case .none: return .init(name: name, texts: [])
        }
    }

    private static func problem(_ text: String, at row: Int) -> Cell.Problem {
        var problem = Cell.Problem(text)
        problem.row = row
        return problem
    }

    var firstNull: Int? {
        if case .none(let count) = content { return count > 0 ? 0 : nil }
        return nulls?.firstIndex(of: true)
    }

    /// The values as numbers, truth values as 1 and 0.
    ///
    /// - Parameter row: The row that a value belongs to.
    private func numbers(row: (Int) -> Int) throws(Cell.Problem) -> (values: [Double], areIntegers: Bool) {
        switch content {
        case .integers(let integers):
            let limit = Int(Dataset.Column.largestExactInteger)
            if let index = integers.firstIndex(where: { $0 > limit || $0 < -limit }) {
                throw Self.problem("an integer value must be less than 2^53 in magnitude, found \(integers[index])", at: row(index))
            }
            return (integers.map { Double($0) }, true)
        case .reals(let reals):
            if let index = reals.firstIndex(where: { !$0.isFinite }) {
                throw Self.problem("a value must be a finite number, found \(reals[index])", at: row(index))
            }
            return (reals, false)
        case .booleans(let truths): return (truths.map { $0 ? 1 : 0 }, true)
        case .decimals(let digits):
            var values: [Double] = [], areIntegers = true
            for (index, text) in digits.enumerated() {
                do {
                    guard case .number(let value, let isInteger) = try Cell(field: text, as: "value") else { continue }
                    values.append(value)
                    areIntegers = areIntegers && isInteger
                } catch {
                    throw Self.problem(error.text, at: row(index))
                }
            }
            return (values, areIntegers)
        default: throw Cell.Problem("a list may hold texts, numbers or lists of numbers, found \(typeName) in it")
        }
    }

    private static func lists(_ offsets: [Int], _ elements: FileValues, named name: String) throws(Cell.Problem) -> Dataset.Column {
        /// The list that an element stands in.
        func row(_ element: Int) -> Int { (offsets.firstIndex { $0 > element } ?? offsets.count) - 1 }
        if let element = elements.firstNull, element < offsets.last! { throw problem("found null in a list", at: max(0, row(element))) }
        let ranges = zip(offsets, offsets.dropFirst()).map { $0..<$1 }
        if ranges.allSatisfy(\.isEmpty) { return .init(name: name, textLists: ranges.map { _ in [] }) }
        switch elements.content {
        case .texts(let texts): return .init(name: name, textLists: ranges.map { Array(texts[$0]) })
        case .integers, .reals, .booleans, .decimals:
            let (values, areIntegers) = try elements.numbers(row: row)
            let width = ranges[0].count
            if width > 0, ranges.allSatisfy({ $0.count == width }) {
                return .init(
                    name: name,
                    content: .numbers(Array(values[offsets[0]..<offsets.last!]), rowShape: [width], areIntegers: areIntegers))
            }
            return .init(name: name, content: .numberLists(ranges.map { Array(values[$0]) }, areIntegers: areIntegers))
        case .lists(let inner, let numbers):
            // Lists of lists of one shape.
            let height = ranges[0].count, first = inner[offsets[0]]
            let width = height > 0 ? inner[offsets[0] + 1] - first : 0
            if let null = numbers.firstNull {
                throw problem("found null in a list", at: max(0, row((inner.firstIndex { $0 > null } ?? 1) - 1)))
            }
            for (index, range) in ranges.enumerated() {
                guard range.count == height, width > 0, range.allSatisfy({ inner[$0 + 1] - inner[$0] == width }) else {
                    throw problem("lists of lists must all have the shape of the first, which is [\(height), \(width)]", at: index)
                }
            }
            let (values, areIntegers) = try numbers.numbers { number in row((inner.firstIndex { $0 > number } ?? 1) - 1) }
            return .init(
                name: name,
                content: .numbers(Array(values[first..<inner[offsets.last!]]), rowShape: [height, width], areIntegers: areIntegers))
        default: throw Cell.Problem("a list may hold texts, numbers or lists of numbers, found \(elements.typeName) in it")
        }
    }
}
