import JSON

/// A column as a file has it, with its nulls and with types that no dataset has a place for.
package struct FileColumn: Sendable {
    /// What the file calls it.
    package let name: String
    /// The type in the words of the file's format, such as `int64` or `list<string>`.
    package let type: String
    var values: FileValues

    /// Number of rows.
    package var rowCount: Int { values.count }

    /// Number of rows without a value.
    package var nullCount: Int { values.nullCount }

    /// The row's value as JSON has it; null where there is none, or where it is NaN or infinite.
    package func json(atRow row: Int) -> JSONValue { values.json(at: row) }

    /// Feeds what the row holds to a hash function, as a field of a file without types has it.
    func hash(_ row: Int, into hasher: inout Hasher) {
        switch values.content {
        case .texts(let texts) where !values.isNull(row), .fields(let texts) where !values.isNull(row): texts.hash(row, into: &hasher)
        default: TextColumn.hash(field(atRow: row), into: &hasher)
        }
    }
}

/// Values one after another, of one type. A null has its place among them, too.
struct FileValues: Sendable {
    indirect enum Content: Sendable {
        case texts(TextColumn)
        /// Of a file without types.
        case fields(TextColumn)
        case integers([Int])
        case reals([Double])
        case booleans([Bool])
        /// Numbers in decimal digits, where others would not hold them.
        case decimals([String])
        /// What a text can only spell: dates, times, bytes.
        case others([String], kind: String)
        /// Value `i` is the list of the elements from `offsets[i]` to `offsets[i + 1]`.
        case lists(offsets: [Int], FileValues)
        case structures([(name: String, values: FileValues)], count: Int)
        /// What has no one type, and the first value that tells.
        case mixed([JSONValue], Cell.Problem)
        /// Nulls alone.
        case none(count: Int)
    }

    var content: Content
    /// Which values are null; nil: none.
    var nulls: [Bool]?

    init(_ content: Content, nulls: [Bool]? = nil) {
        self.content = content
        self.nulls = nulls?.contains(true) == true ? nulls : nil
    }

    var nullCount: Int {
        if case .none(let count) = content { return count }
        return nulls?.count { $0 } ?? 0
    }

    var count: Int {
        switch content {
        case .texts(let values), .fields(let values): values.count
        case .decimals(let values), .others(let values, _): values.count
        case .integers(let values): values.count
        case .reals(let values): values.count
        case .booleans(let values): values.count
        case .lists(let offsets, _): offsets.count - 1
        case .structures(_, let count), .none(let count): count
        case .mixed(let values, _): values.count
        }
    }

    func isNull(_ index: Int) -> Bool {
        if case .none = content { return true }
        return nulls?[index] ?? false
    }

    func json(at index: Int) -> JSONValue {
        if isNull(index) { return .null }
        switch content {
        case .texts(let values), .fields(let values): return .string(values[index])
        case .others(let values, _): return .string(values[index])
        case .integers(let values): return .integer(values[index])
        case .reals(let values): return values[index].isFinite ? .real(values[index]) : .null
        case .booleans(let values): return .bool(values[index])
        case .decimals(let values): return (try? JSONValue.parse(Array(values[index].utf8))) ?? .string(values[index])
        case .lists(let offsets, let elements): return .array((offsets[index]..<offsets[index + 1]).map(elements.json))
        case .structures(let fields, _):
            return .object(JSONObject(uniqueMembers: fields.map { ($0.name, $0.values.json(at: index)) }))
        case .mixed(let values, _): return values[index]
        case .none: return .null
        }
    }

    /// The type, where the file does not name it.
    var typeName: String {
        switch content {
        case .texts: "string"
        case .fields: "text"
        case .integers: "integer"
        case .reals: "number"
        case .booleans: "boolean"
        case .decimals: "decimal"
        case .others(_, let kind): kind
        case .lists(_, let elements): "list<\(elements.typeName)>"
        case .structures(let fields, _): "struct<\(fields.map { "\($0.name): \($0.values.typeName)" }.joined(separator: ", "))>"
        case .mixed: "mixed"
        case .none: "null"
        }
    }

    /// The given values in the given order.
    func selecting(_ rows: [Int]) -> FileValues {
        func pick<Value>(_ values: [Value]) -> [Value] { rows.map { values[$0] } }
        let picked: Content
        switch content {
        case .texts(let values): picked = .texts(values.selecting(rows))
        case .fields(let values): picked = .fields(values.selecting(rows))
        case .integers(let values): picked = .integers(pick(values))
        case .reals(let values): picked = .reals(pick(values))
        case .booleans(let values): picked = .booleans(pick(values))
        case .decimals(let values): picked = .decimals(pick(values))
        case .others(let values, let kind): picked = .others(pick(values), kind: kind)
        case .lists(let offsets, let elements):
            var ends = [0], places: [Int] = []
            for row in rows {
                places += offsets[row]..<offsets[row + 1]
                ends.append(places.count)
            }
            picked = .lists(offsets: ends, elements.selecting(places))
        case .structures(let fields, _):
            picked = .structures(fields.map { ($0.name, $0.values.selecting(rows)) }, count: rows.count)
        case .mixed(let values, var problem):
            if let row = rows.firstIndex(of: problem.row) {
                problem.row = row
                picked = .mixed(pick(values), problem)
                break
            }
            var builder = JSONColumnBuilder(name: "")
            for row in rows { builder.append(values[row]) }
            return builder.values
        case .none: picked = .none(count: rows.count)
        }
        return FileValues(picked, nulls: nulls.map(pick))
    }
}

extension JSONObject {
    /// Of keys that should differ; of two that do not, the first counts.
    init(uniqueMembers members: [(String, JSONValue)]) {
        self.init()
        for (key, value) in members where self[key] == nil { self[key] = value }
    }
}
