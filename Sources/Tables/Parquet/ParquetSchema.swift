/// The columns of a Parquet file: a tree, whose leaves hold values.
struct ParquetSchema: Sendable {
    /// How the bytes of a leaf's values are read.
    enum Physical: Int, Sendable { case boolean, int32, int64, int96, float, double, bytes, fixedBytes }

    /// What values are taken for.
    enum Logical: Equatable, Sendable {
        case text, bytes, boolean, integer, real, float16, date, uuid
        case unsigned(bits: Int)
        case decimal(scale: Int)
        case time(ParquetMetadata.Unit)
        case timestamp(ParquetMetadata.Unit)
        /// Nulls alone.
        case unknown
    }

    struct Leaf: Sendable {
        let index: Int
        let physical: Physical
        let logical: Logical
        let width: Int
        let definition: Int, repetition: Int
    }

    indirect enum Shape: Sendable {
        case leaf(Leaf)
        case structure([Node])
        /// `element` exists from `definition` on, and repeats at `repetition`.
        case list(element: Node, definition: Int, repetition: Int)
    }

    struct Node: Sendable {
        let name: String
        let type: String
        /// The node is null below it.
        let definition: Int
        let shape: Shape

        /// One of the leaves below.
        var firstLeaf: Leaf {
            switch shape {
            case .leaf(let leaf): leaf
            case .structure(let fields): fields[0].firstLeaf
            case .list(let element, _, _): element.firstLeaf
            }
        }

        var leaves: [Leaf] {
            switch shape {
            case .leaf(let leaf): [leaf]
            case .structure(let fields): fields.flatMap(\.leaves)
            case .list(let element, _, _): element.leaves
            }
        }
    }

    private(set) var columns: [Node] = []
    private(set) var leafCount = 0
    private var elements: ArraySlice<ParquetMetadata.SchemaElement>

    init(_ elements: [ParquetMetadata.SchemaElement]) throws(Malformed) {
        guard let root = elements.first, root.childCount > 0 else { throw Malformed("the file has no columns") }
        self.elements = elements.dropFirst()
        for _ in 0..<root.childCount { columns.append(try field(definition: 0, repetition: 0, depth: 0)) }
        guard self.elements.isEmpty else { throw Malformed("the schema has \(self.elements.count) more columns than it tells of") }
    }

    /// The next field of the schema, with all below it.
    private mutating func field(definition above: Int, repetition: Int, depth: Int) throws(Malformed) -> Node {
        guard depth < 40 else { throw Malformed("columns are nested too deep") }
        guard let element = elements.popFirst() else { throw Malformed("the schema has fewer columns than it tells of") }
        switch element.repetition {
        case 0: return try content(element, definition: above, repetition: repetition, depth: depth)
        case 1: return try content(element, definition: above + 1, repetition: repetition, depth: depth)
        case 2:
            // A repeated field of its own is a list that cannot be null.
            let inner = try content(element, definition: above + 1, repetition: repetition + 1, depth: depth)
            return Node(
                name: element.name, type: "list<\(inner.type)>", definition: above,
                shape: .list(element: inner, definition: above + 1, repetition: repetition + 1))
        case let other: throw Malformed("the schema has a column of repetition \(other)")
        }
    }

    private mutating func content(
        _ element: ParquetMetadata.SchemaElement, definition: Int, repetition: Int, depth: Int
    ) throws(Malformed) -> Node {
        if element.childCount == 0 {
            let leaf = try leaf(element, definition: definition, repetition: repetition)
            return Node(name: element.name, type: Self.name(leaf), definition: definition, shape: .leaf(leaf))
        }
        guard element.childCount > 0 else { throw Malformed("the schema has a column of \(element.childCount) parts") }
        let isList = [1, 2, 3].contains(element.convertedType) || element.logicalType == .list || element.logicalType == .map
        if isList, element.childCount == 1, let child = elements.first, child.repetition == 2 {
            return try list(element, definition: definition, repetition: repetition, depth: depth)
        }
        var fields: [Node] = []
        for _ in 0..<element.childCount { fields.append(try field(definition: definition, repetition: repetition, depth: depth + 1)) }
        return structure(element.name, fields, definition: definition)
    }

    private func structure(_ name: String, _ fields: [Node], definition: Int) -> Node {
        Node(
            name: name, type: "struct<\(fields.map { "\($0.name): \($0.type)" }.joined(separator: ", "))>", definition: definition,
            shape: .structure(fields))
    }

    /// A list: a group of one repeated group of one element. In older files the repeated group is the element.
    private mutating func list(
        _ element: ParquetMetadata.SchemaElement, definition: Int, repetition: Int, depth: Int
    ) throws(Malformed) -> Node {
        let repeated = elements.popFirst()!
        let inner: Node
        let isElement = repeated.childCount != 1 || repeated.name == "array" || repeated.name == element.name + "_tuple"
        if isElement {
            inner = try content(repeated, definition: definition + 1, repetition: repetition + 1, depth: depth + 1)
        } else {
            inner = try field(definition: definition + 1, repetition: repetition + 1, depth: depth + 1)
        }
        return Node(
            name: element.name, type: "list<\(inner.type)>", definition: definition,
            shape: .list(element: inner, definition: definition + 1, repetition: repetition + 1))
    }

    private mutating func leaf(
        _ element: ParquetMetadata.SchemaElement, definition: Int, repetition: Int
    ) throws(Malformed) -> Leaf {
        guard let type = element.type, let physical = Physical(rawValue: type) else {
            throw Malformed("column \"\(element.name)\" has no type that Parquet knows")
        }
        guard definition < 256, repetition < 256 else { throw Malformed("columns are nested too deep") }
        guard physical != .fixedBytes || (1...(1 << 20)).contains(element.typeLength) else {
            throw Malformed("column \"\(element.name)\" has values of \(element.typeLength) bytes")
        }
        leafCount += 1
        return Leaf(
            index: leafCount - 1, physical: physical, logical: Self.logical(element, physical),
            width: [1, 4, 8, 12, 4, 8, 0, element.typeLength][type], definition: definition, repetition: repetition)
    }

    private static func logical(_ element: ParquetMetadata.SchemaElement, _ physical: Physical) -> Logical {
        switch (physical, element.logicalType, element.convertedType) {
        case (_, .unknown, _): .unknown
        case (.boolean, _, _): .boolean
        case (.float, _, _), (.double, _, _): .real
        case (.int96, _, _): .timestamp(.nanoseconds)
        case (.bytes, .string, _), (.bytes, .enumeration, _), (.bytes, .json, _), (.bytes, nil, 0), (.bytes, nil, 4), (.bytes, nil, 19):
            .text
        case (.fixedBytes, .uuid, _) where element.typeLength == 16: .uuid
        case (.fixedBytes, .float16, _) where element.typeLength == 2: .float16
        case (_, .decimal(let scale), _) where (0...100).contains(scale): .decimal(scale: scale)
        case (_, nil, 5) where (0...100).contains(element.scale): .decimal(scale: element.scale)
        case (.bytes, _, _), (.fixedBytes, _, _): .bytes
        case (.int32, .date, _), (.int32, nil, 6): .date
        case (_, .time(let unit), _): .time(unit)
        case (_, .timestamp(let unit), _): .timestamp(unit)
        case (_, nil, 7): .time(.milliseconds)
        case (_, nil, 8): .time(.microseconds)
        case (_, nil, 9): .timestamp(.milliseconds)
        case (_, nil, 10): .timestamp(.microseconds)
        case (.int32, .integer(isSigned: false), _): .unsigned(bits: 32)
        case (.int64, .integer(isSigned: false), _): .unsigned(bits: 64)
        case (.int32, nil, 11), (.int32, nil, 12), (.int32, nil, 13): .unsigned(bits: 32)
        case (.int64, nil, 14): .unsigned(bits: 64)
        default: .integer
        }
    }

    private static func name(_ leaf: Leaf) -> String {
        switch leaf.logical {
        case .text: "string"
        case .bytes: "binary"
        case .boolean: "bool"
        case .integer: leaf.physical == .int64 ? "int64" : "int32"
        case .unsigned(let bits): "uint\(bits)"
        case .real: leaf.physical == .float ? "float" : "double"
        case .float16: "float16"
        case .date: "date"
        case .uuid: "uuid"
        case .decimal(let scale): "decimal of scale \(scale)"
        case .time: "time"
        case .timestamp: "timestamp"
        case .unknown: "null"
        }
    }
}
