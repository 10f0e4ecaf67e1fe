/// A column of an Arrow file, or a part of one: what its buffers hold.
struct ArrowField {
    indirect enum Kind {
        case null, boolean
        case integer(bits: Int, isSigned: Bool)
        case real(bits: Int)
        case text(isLarge: Bool), bytes(isLarge: Bool), fixedBytes(Int), textView, bytesView
        case decimal(bits: Int, scale: Int)
        /// A whole number of `bits`, which is spelled.
        case spelled(bits: Int, kind: String, @Sendable (Int) -> String)
        case list(isLarge: Bool), fixedList(Int), listView(isLarge: Bool), structure, runs
        /// What is passed over: so many buffers.
        case other(buffers: Int)
    }

    let name: String
    let type: String
    let kind: Kind
    let children: [ArrowField]
    /// Of a column whose values are places in a dictionary: the dictionary's number, and how the places are held.
    var dictionary: (id: Int, bits: Int, isSigned: Bool)?

    init(_ table: FlatTable, depth: Int = 0) throws(Malformed) {
        guard depth < 40 else { throw Malformed("columns are nested too deep") }
        name = try table.text(0) ?? ""
        var children: [ArrowField] = []
        for child in try table.tables(5) { children.append(try ArrowField(child, depth: depth + 1)) }
        self.children = children
        let number = try table.integer(2, UInt8.self)
        guard let description = try table.table(3) else { throw Malformed("column \"\(name)\" has no type") }
        (kind, type) = try Self.kind(number, description, children, name)
        if let encoding = try table.table(4) {
            let index = try encoding.table(1)
            dictionary = (
                try encoding.integer(0, Int.self), try index?.integer(0, Int32.self) ?? 32, (try index?.integer(1, UInt8.self) ?? 1) != 0
            )
            guard [8, 16, 32, 64].contains(dictionary!.bits) else {
                throw Malformed("column \"\(name)\" has places of \(dictionary!.bits) bits")
            }
        }
    }

    private static func kind(
        _ number: Int, _ table: FlatTable, _ children: [ArrowField], _ name: String
    ) throws(Malformed) -> (Kind, String) {
        func one(_ kind: Kind) throws(Malformed) -> (Kind, String) {
            guard children.count == 1 else { throw Malformed("the list column \"\(name)\" has \(children.count) parts") }
            return (kind, "list<\(children[0].type)>")
        }
        switch number {
        case 1: return (.null, "null")
        case 2:
            let bits = try table.integer(0, Int32.self), isSigned = try table.integer(1, UInt8.self) != 0
            guard [8, 16, 32, 64].contains(bits) else { throw Malformed("column \"\(name)\" has integers of \(bits) bits") }
            return (.integer(bits: bits, isSigned: isSigned), (isSigned ? "int" : "uint") + "\(bits)")
        case 3:
            let precision = try table.integer(0, Int16.self)
            guard (0...2).contains(precision) else { throw Malformed("column \"\(name)\" has numbers of no known precision") }
            return (.real(bits: 16 << precision), ["float16", "float", "double"][precision])
        case 4: return (.bytes(isLarge: false), "binary")
        case 5: return (.text(isLarge: false), "string")
        case 6: return (.boolean, "bool")
        case 7:
            let scale = try table.integer(1, Int32.self), bits = try table.integer(2, Int32.self, default: 128)
            guard [32, 64, 128, 256].contains(bits), (0...100).contains(scale) else {
                throw Malformed("column \"\(name)\" has decimals of \(bits) bits and scale \(scale)")
            }
            return (.decimal(bits: bits, scale: scale), "decimal of scale \(scale)")
        case 8:
            if try table.integer(0, Int16.self, default: 1) == 0 { return (.spelled(bits: 32, kind: "dates", Spelling.date), "date") }
            return (.spelled(bits: 64, kind: "dates") { Spelling.timestamp($0, perSecond: 1000) }, "date")
        case 9:
            let perSecond = try perSecond(table, default: 1, name), bits = try table.integer(1, Int32.self, default: 32)
            guard bits == 32 || bits == 64 else { throw Malformed("column \"\(name)\" has times of \(bits) bits") }
            return (.spelled(bits: bits, kind: "times") { Spelling.time($0, perSecond: perSecond) }, "time")
        case 10:
            let perSecond = try perSecond(table, default: 0, name)
            return (.spelled(bits: 64, kind: "points in time") { Spelling.timestamp($0, perSecond: perSecond) }, "timestamp")
        case 12, 17: return try one(.list(isLarge: false))
        case 13: return (.structure, "struct<\(children.map { "\($0.name): \($0.type)" }.joined(separator: ", "))>")
        case 15:
            let width = try table.integer(0, Int32.self)
            guard (0...(1 << 20)).contains(width) else { throw Malformed("column \"\(name)\" has values of \(width) bytes") }
            return (.fixedBytes(width), "binary")
        case 16:
            let size = try table.integer(0, Int32.self)
            guard size >= 0 else { throw Malformed("column \"\(name)\" has lists of \(size) elements") }
            return try one(.fixedList(size))
        case 18:
            let perSecond = try perSecond(table, default: 1, name)
            return (.spelled(bits: 64, kind: "durations") { Spelling.decimal("\($0)", scale: "\(perSecond)".count - 1) }, "duration")
        case 19: return (.bytes(isLarge: true), "binary")
        case 20: return (.text(isLarge: true), "string")
        case 21: return try one(.list(isLarge: true))
        case 22:
            guard children.count == 2 else { throw Malformed("the column \"\(name)\" of runs has \(children.count) parts") }
            return (.runs, children[1].type)
        case 23: return (.bytesView, "binary")
        case 24: return (.textView, "string")
        case 25: return try one(.listView(isLarge: false))
        case 26: return try one(.listView(isLarge: true))
        case 11: return (.other(buffers: 2), "interval")
        case 14: return (.other(buffers: try table.integer(0, Int16.self) == 1 ? 2 : 1), "union")
        default: throw Malformed("column \"\(name)\" has a type that is not known, number \(number)")
        }
    }

    private static func perSecond(_ table: FlatTable, default unit: Int, _ name: String) throws(Malformed) -> Int {
        let unit = try table.integer(0, Int16.self, default: unit)
        guard (0...3).contains(unit) else { throw Malformed("column \"\(name)\" has times of no known unit") }
        return [1, 1000, 1_000_000, 1_000_000_000][unit]
    }
}
