import JSON

extension Dataset.Column {
    /// The given rows in the given order.
    func selecting(rows: [Int]) -> Self {
        func pick<Element>(_ elements: [Element]) -> [Element] { rows.map { elements[$0] } }
        let selected: Content =
            switch content {
            case .texts(let texts): .texts(texts.selecting(rows))
            case .numbers(_, let shape, let areIntegers):
                .numbers(values(ofRows: rows), rowShape: shape, areIntegers: areIntegers)
            case .textLists(let lists): .textLists(pick(lists))
            case .numberLists(let lists, let areIntegers): .numberLists(pick(lists), areIntegers: areIntegers)
            }
        // A column of texts shares them with its fields.
        if fields != nil, case .texts(let texts) = selected { return Self(name: name, content: selected, fields: texts) }
        return Self(name: name, content: selected, fields: fields?.selecting(rows))
    }

    /// The same as numbers of one shape.
    ///
    /// - Parameter noun: What they are, for messages, such as "label".
    /// - Throws: For the first row that cannot be used so.
    func numbers(as noun: String) throws(Cell.Problem) -> Self {
        func problem(_ row: Int, _ text: String) -> Cell.Problem {
            var problem = Cell.Problem(text)
            problem.row = row
            return problem
        }
        switch content {
        case .numbers: return self
        case .numberLists(let lists, let areIntegers):
            guard let first = lists.first else { break }
            let other = lists.firstIndex { $0.count != first.count }
            if let row = lists.firstIndex(of: []), row <= other ?? row {
                throw problem(row, "a \(noun)'s list must hold a number at each place, found an empty list")
            }
            guard let other else {
                return Self(name: name, content: .numbers(lists.flatMap { $0 }, rowShape: [first.count], areIntegers: areIntegers))
            }
            throw problem(
                other,
                "all \(noun)s must have the shape of the first, which is a list of shape "
                    + "[\(first.count)], found a list of shape [\(lists[other].count)]")
        case .textLists(let lists):
            guard !lists.isEmpty else { break }
            throw problem(
                0,
                "a \(noun) must be a number or a list of numbers, found "
                    + (lists[0].isEmpty ? "an empty list" : "a list of texts"))
        case .texts(let texts):
            var builder = ColumnBuilder(name: name)
            for (row, text) in texts.enumerated() {
                do throws(Cell.Problem) {
                    guard fields != nil else {
                        throw Cell.Problem("a \(noun) must be a number, found the text \(UTF8Text.excerpt(text))" + Cell.otherName)
                    }
                    try builder.append(Cell(field: text, as: noun))
                } catch { throw problem(row, error.text) }
            }
            if !texts.isEmpty { return try builder.column(fields: fields).numbers(as: noun) }
        }
        return Self(uncheckedName: name, values: [], areIntegers: false)
    }
}

extension Dataset.Column {
    /// The row as a field of a file without types has it: a text, a number, or a list as of JSON.
    public func field(atRow row: Int) -> String {
        hasTexts ? texts[row] : Self.spelled(json(atRow: row))
    }

    /// A hash of the row's field.
    package func digest(ofRow row: Int) -> Int {
        if hasTexts { return texts.digest(row) }
        var hasher = Hasher()
        TextColumn.hash(field(atRow: row), into: &hasher)
        return hasher.finalize()
    }

    /// Whether the fields of two rows are equal byte by byte.
    package func field(atRow row: Int, isFieldOf other: Self, atRow otherRow: Int) -> Bool {
        guard hasTexts, other.hasTexts else { return field(atRow: row).isExactly(other.field(atRow: otherRow)) }
        return texts.text(row, isTextOf: other.texts, otherRow)
    }

    /// The row's value as a file with types has it.
    func json(atRow row: Int) -> JSONValue {
        switch content {
        case .texts(let texts): .string(texts[row])
        case .textLists(let lists): .array(lists[row].map { .string($0) })
        case .numberLists(let lists, let areIntegers): Self.json(lists[row][...], [lists[row].count], areIntegers)
        case .numbers(_, let shape, let areIntegers): Self.json(values(ofRows: [row])[...], shape[...], areIntegers)
        }
    }

    private static func json(_ values: ArraySlice<Double>, _ shape: ArraySlice<Int>, _ areIntegers: Bool) -> JSONValue {
        guard let count = shape.first else { return areIntegers ? .integer(Int(values.first!)) : .real(values.first!) }
        let width = shape.dropFirst().reduce(1, *)
        return .array(
            (0..<count).map { index in
                let start = values.startIndex + index * width
                return json(values[start..<start + width], shape.dropFirst(), areIntegers)
            })
    }

    private static func spelled(_ value: JSONValue) -> String {
        guard case .array(let elements) = value else { return value.serialized(.compact) }
        return "[" + elements.map(spelled).joined(separator: ", ") + "]"
    }
}

extension Dataset.Column: Equatable {
    /// Equal names and values. Texts are equal when their bytes are: a tokenizer sees the difference between two spellings
    /// of "é". Numbers that a file without types gave are equal to the texts that stand there, too.
    public static func == (left: Self, right: Self) -> Bool {
        guard left.name == right.name else { return false }
        switch (left.content, right.content) {
        case (.textLists(let left), .textLists(let right)):
            return left.elementsEqual(right) { $0.elementsEqual($1) { $0.isExactly($1) } }
        case (.numbers(let left, let leftShape, let leftKind), .numbers(let right, let rightShape, let rightKind)):
            return left == right && leftShape == rightShape && leftKind == rightKind
        case (.numberLists, .numberLists), (.numberLists, .numbers), (.numbers, .numberLists):
            return left.lists == right.lists && left.areIntegers == right.areIntegers
        default: return left.hasTexts && right.hasTexts && left.texts == right.texts
        }
    }
}
