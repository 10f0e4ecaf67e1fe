import Foundation
import Requirements

/// A Parquet file: what it says of itself, and its columns when they are asked for.
struct ParquetFile: Sendable {
    let file: FileBytes
    let metadata: ParquetMetadata
    let schema: ParquetSchema
    private static let magic = Array("PAR1".utf8)

    init(_ file: FileBytes) throws {
        self.file = file
        // The mark, the length of the description, the mark again.
        guard file.count >= 12, file.bytes(0..<4) == Self.magic else {
            if file.count >= 4, file.bytes(0..<4) == Array("PARE".utf8) { throw Malformed("the file is encrypted") }
            throw Malformed("this is no Parquet file: it does not begin with PAR1")
        }
        let ending = file.bytes(file.count - 8..<file.count)
        guard ending.suffix(4).elementsEqual(Self.magic) else {
            throw Malformed("the file does not end with PAR1: it was cut, or was never finished")
        }
        let size = Int(ending.load(UInt32.self, at: 0))
        guard size <= file.count - 12 else { throw Malformed("the file's description has \(size) bytes, but the file \(file.count)") }
        metadata = try ParquetMetadata(file.bytes(file.count - 8 - size..<file.count - 8))
        schema = try ParquetSchema(metadata.schema)
        for group in metadata.rowGroups where group.columns.count != schema.leafCount {
            throw Malformed("a row group has \(group.columns.count) columns, the schema \(schema.leafCount)")
        }
    }

    /// - Parameters:
    ///   - names: The columns to read; nil: all.
    ///   - groups: The row groups to read; nil: all.
    func read(_ names: [String]?, groups: Range<Int>? = nil) throws -> [FileColumn] {
        try file.requireColumns(names, of: schema.columns.map(\.name))
        let chosen = schema.columns.filter { names?.contains($0.name) ?? true }
        let leaves = chosen.flatMap { column in column.leaves.map { (leaf: $0, name: column.name) } }
        let groups = metadata.rowGroups[groups ?? 0..<metadata.rowGroups.count]
        let readers = Locked([Int: Result<ParquetColumnReader, any Error>]())
        // Columns are read side by side.
        DispatchQueue.concurrentPerform(iterations: leaves.count) { index in
            let (leaf, name) = leaves[index]
            let result = Result {
                var reader = ParquetColumnReader(file, leaf, name: name)
                for group in groups { try reader.read(group.columns[leaf.index], rowCount: group.rowCount) }
                return reader
            }
            readers.withLock { $0[leaf.index] = result }
        }
        var read: [Int: ParquetColumnReader] = [:]
        for (leaf, _) in leaves { read[leaf.index] = try readers.withLock { try $0[leaf.index]!.get() } }
        let rowCount = groups.reduce(0) { $0 + $1.rowCount }
        return try chosen.map { column in
            let values = try assemble(column, read, repetition: 0, definition: 0)
            guard values.count == rowCount else {
                throw Malformed("column \"\(column.name)\" has \(values.count) rows, expected \(rowCount)")
            }
            return FileColumn(name: column.name, type: column.type, values: values)
        }
    }

    /// The values of a node, of which one begins wherever a place repeats at most at `repetition` and is defined from `definition` on.
    private func assemble(
        _ node: ParquetSchema.Node, _ readers: [Int: ParquetColumnReader], repetition: Int, definition: Int
    ) throws -> FileValues {
        let reader = readers[node.firstLeaf.index]!
        let (repetitions, definitions) = (reader.repetitions, reader.definitions)
        func begins(_ place: Int) -> Bool {
            (repetitions.isEmpty || Int(repetitions[place]) <= repetition) && (definitions.isEmpty || Int(definitions[place]) >= definition)
        }
        switch node.shape {
        case .leaf(let leaf):
            if definitions.isEmpty { return reader.values.content(leaf, nulls: nil) }
            var nulls: [Bool] = []
            nulls.reserveCapacity(reader.count)
            // Values that are there begin at every place, wherever they repeat.
            for place in 0..<reader.count where Int(definitions[place]) >= definition {
                nulls.append(Int(definitions[place]) < leaf.definition)
            }
            return reader.values.content(leaf, nulls: nulls.contains(true) ? nulls : nil)
        case .structure(let fields):
            let nulls = (0..<reader.count).filter(begins).map { definitions.isEmpty ? false : Int(definitions[$0]) < node.definition }
            let values = try fields.map {
                ($0.name, try assemble($0, readers, repetition: repetition, definition: definition))
            }
            for (name, field) in values where field.count != nulls.count {
                throw Malformed("the part \"\(name)\" of column \"\(node.name)\" has \(field.count) values, others \(nulls.count)")
            }
            return FileValues(.structures(values, count: nulls.count), nulls: nulls)
        case .list(let element, let elementDefinition, let elementRepetition):
            var offsets = [0], nulls: [Bool] = []
            var elements = 0, isOpen = false
            for place in 0..<reader.count {
                let depth = Int(definitions[place])
                if begins(place) {
                    if isOpen { offsets.append(elements) }
                    isOpen = true
                    nulls.append(depth < node.definition)
                } else if Int(repetitions[place]) <= repetition {
                    // What is around it is not there.
                    if isOpen { offsets.append(elements) }
                    isOpen = false
                    continue
                }
                guard Int(repetitions[place]) <= elementRepetition, depth >= elementDefinition else { continue }
                guard isOpen else { throw Malformed("column \"\(node.name)\" has an element before its first list") }
                elements += 1
            }
            if isOpen { offsets.append(elements) }
            let values = try assemble(element, readers, repetition: elementRepetition, definition: elementDefinition)
            guard values.count == elements else {
                throw Malformed("the lists of column \"\(node.name)\" have \(values.count) elements, expected \(elements)")
            }
            return FileValues(.lists(offsets: offsets, values), nulls: nulls)
        }
    }
}
