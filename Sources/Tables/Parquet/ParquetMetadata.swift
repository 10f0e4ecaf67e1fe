/// What the end of a Parquet file says of it.
struct ParquetMetadata: Sendable {
    struct SchemaElement: Sendable {
        var type: Int?
        var typeLength = 0, repetition = 0
        var name = ""
        var childCount = 0
        var convertedType: Int?
        var scale = 0
        var logicalType: LogicalType?
    }

    enum Unit: Int, Sendable { case milliseconds = 1, microseconds, nanoseconds }

    enum LogicalType: Equatable, Sendable {
        case string, map, list, enumeration, json, uuid, float16, date, unknown, bson
        case decimal(scale: Int)
        case time(Unit)
        case timestamp(Unit)
        case integer(isSigned: Bool)
        case other(Int)
    }

    struct ColumnChunk: Sendable {
        var filePath: String?
        var codec = 0, valueCount = 0, size = 0
        var dataOffset = 0
        var dictionaryOffset: Int?
        var isEncrypted = false
    }

    struct RowGroup: Sendable {
        var columns: [ColumnChunk] = []
        var rowCount = 0
    }

    var schema: [SchemaElement] = []
    var rowCount = 0
    var rowGroups: [RowGroup] = []

    init(_ bytes: [UInt8]) throws {
        var thrift = ThriftReader(ByteReader(bytes, what: "the file's description"))
        var isEncrypted = false
        try thrift.structure { id, kind, thrift in
            switch id {
            case 2: try thrift.list(kind) { try schema.append(Self.schemaElement($0, &$1)) }
            case 3: rowCount = try thrift.integer(kind)
            case 4: try thrift.list(kind) { try rowGroups.append(Self.rowGroup($0, &$1)) }
            case 8:
                isEncrypted = true
                return false
            default: return false
            }
            return true
        }
        guard !isEncrypted else { throw Malformed("the file is encrypted") }
        var rows = 0
        for group in rowGroups {
            guard group.rowCount >= 0, group.rowCount <= Int(Int32.max) * 4 else {
                throw Malformed("a row group tells of \(group.rowCount) rows")
            }
            rows += group.rowCount
        }
        guard rows == rowCount else { throw Malformed("the row groups have \(rows) rows, but the file tells of \(rowCount)") }
    }

    /// Reads an element of a list, which has to be a structure.
    private static func structure(
        _ noun: String, _ kind: ThriftReader.Kind, _ thrift: inout ThriftReader,
        _ field: (Int, ThriftReader.Kind, inout ThriftReader) throws -> Bool
    ) throws {
        guard kind == .structure else { throw Malformed("the file's description has no \(noun) where it belongs") }
        try thrift.structure(field)
    }

    private static func schemaElement(_ kind: ThriftReader.Kind, _ thrift: inout ThriftReader) throws -> SchemaElement {
        var element = SchemaElement(), hasName = false
        try structure("schema", kind, &thrift) { id, kind, thrift in
            switch id {
            case 1: element.type = try thrift.integer(kind)
            case 2: element.typeLength = try thrift.integer(kind)
            case 3: element.repetition = try thrift.integer(kind)
            case 4:
                element.name = try thrift.text(kind)
                hasName = true
            case 5: element.childCount = try thrift.integer(kind)
            case 6: element.convertedType = try thrift.integer(kind)
            case 7: element.scale = try thrift.integer(kind)
            case 10:
                guard kind == .structure else { return false }
                element.logicalType = try logicalType(&thrift)
            default: return false
            }
            return true
        }
        guard hasName else { throw Malformed("the file's description has a column without a name") }
        return element
    }

    private static func logicalType(_ thrift: inout ThriftReader) throws -> LogicalType? {
        var type: LogicalType?
        try thrift.structure { id, kind, thrift in
            guard kind == .structure else { return false }
            let simple: [Int: LogicalType] = [
                1: .string, 2: .map, 3: .list, 4: .enumeration, 6: .date, 11: .unknown, 12: .json, 13: .bson, 14: .uuid, 15: .float16,
            ]
            var scale = 0, unit = Unit.milliseconds, isSigned = true
            switch id {
            case 5:
                try thrift.structure { id, kind, thrift in
                    guard id == 1 else { return false }
                    scale = try thrift.integer(kind)
                    return true
                }
                type = .decimal(scale: scale)
            case 7, 8:
                try thrift.structure { id, kind, thrift in
                    guard id == 2, kind == .structure else { return false }
                    try thrift.structure { id, _, _ in
                        unit = Unit(rawValue: id) ?? unit
                        return false
                    }
                    return true
                }
                type = id == 7 ? .time(unit) : .timestamp(unit)
            case 10:
                try thrift.structure { id, kind, thrift in
                    guard id == 2 else { return false }
                    isSigned = try thrift.truth(kind)
                    return true
                }
                type = .integer(isSigned: isSigned)
            default:
                type = simple[id] ?? .other(id)
                return false
            }
            return true
        }
        return type
    }

    private static func rowGroup(_ kind: ThriftReader.Kind, _ thrift: inout ThriftReader) throws -> RowGroup {
        var group = RowGroup()
        try structure("row group", kind, &thrift) { id, kind, thrift in
            switch id {
            case 1: try thrift.list(kind) { try group.columns.append(columnChunk($0, &$1)) }
            case 3: group.rowCount = try thrift.integer(kind)
            default: return false
            }
            return true
        }
        return group
    }

    private static func columnChunk(_ kind: ThriftReader.Kind, _ thrift: inout ThriftReader) throws -> ColumnChunk {
        var chunk = ColumnChunk()
        try structure("column", kind, &thrift) { id, kind, thrift in
            switch id {
            case 1: chunk.filePath = try thrift.text(kind)
            case 3:
                guard kind == .structure else { return false }
                try thrift.structure { id, kind, thrift in
                    switch id {
                    case 4: chunk.codec = try thrift.integer(kind)
                    case 5: chunk.valueCount = try thrift.integer(kind)
                    case 7: chunk.size = try thrift.integer(kind)
                    case 9: chunk.dataOffset = try thrift.integer(kind)
                    case 11: chunk.dictionaryOffset = try thrift.integer(kind)
                    default: return false
                    }
                    return true
                }
            case 8:
                chunk.isEncrypted = true
                return false
            default: return false
            }
            return true
        }
        return chunk
    }
}

/// What stands before the data of a page.
struct ParquetPageHeader {
    enum Kind: Int { case data, index, dictionary, dataV2 }

    var kind: Kind?
    var size = 0, compressedSize = 0
    var checksum: UInt32?
    var valueCount = 0, encoding = -1, definitionEncoding = 3, repetitionEncoding = 3
    // Of the second form of data pages.
    var nullCount = 0, rowCount = 0, definitionSize = 0, repetitionSize = 0
    var isCompressed = true

    /// - Parameter thrift: Stands behind the header afterwards.
    init(_ thrift: inout ThriftReader) throws {
        try thrift.structure { id, kind, thrift in
            switch id {
            case 1: self.kind = Kind(rawValue: try thrift.integer(kind))
            case 2: size = try thrift.integer(kind)
            case 3: compressedSize = try thrift.integer(kind)
            case 4: checksum = UInt32(truncatingIfNeeded: try thrift.integer(kind))
            case 5, 7, 8:
                guard kind == .structure else { return false }
                let isSecondForm = id == 8
                try thrift.structure { id, kind, thrift in
                    switch (id, isSecondForm) {
                    case (1, _): valueCount = try thrift.integer(kind)
                    case (2, false), (4, true): encoding = try thrift.integer(kind)
                    case (3, false) where kind != .yes && kind != .no: definitionEncoding = try thrift.integer(kind)
                    case (4, false): repetitionEncoding = try thrift.integer(kind)
                    case (2, true): nullCount = try thrift.integer(kind)
                    case (3, true): rowCount = try thrift.integer(kind)
                    case (5, true): definitionSize = try thrift.integer(kind)
                    case (6, true): repetitionSize = try thrift.integer(kind)
                    case (7, true): isCompressed = try thrift.truth(kind)
                    default: return false
                    }
                    return true
                }
            default: return false
            }
            return true
        }
    }
}
