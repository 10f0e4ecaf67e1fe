import Requirements

/// The texts of a column, row after row. They lie packed in memory, or, where they are many, in a file of the cache folder, so that
/// a table may be larger than memory.
///
/// A `String` is made whenever a row is asked for. `Array(column.texts)` has them all in memory.
public struct TextColumn: Sendable {
    let store: TextStore
    /// For each row its text's place in the store; nil: the same.
    let places: [UInt32]?

    init(store: TextStore, places: [UInt32]? = nil) { (self.store, self.places) = (store, places) }

    /// Packs texts.
    public init(_ texts: some Sequence<String>) {
        if let column = texts as? TextColumn {
            self = column
            return
        }
        var builder = TextBuilder()
        for text in texts { builder.append(text) }
        self = builder.column
    }

    func place(_ row: Int) -> Int {
        guard let places else { return row }
        return Int(places[row])
    }

    /// Lends the bytes of a row's text.
    ///
    /// - Precondition: There is such a row.
    package func withUTF8<Result>(_ row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try store.withUTF8(place(row), body)
    }

    /// The length of a row's text in bytes, which is known without reading the text.
    ///
    /// - Precondition: There is such a row.
    public func utf8Count(_ row: Int) -> Int { store.range(place(row)).count }

    /// The given rows in the given order.
    func selecting(_ rows: [Int]) -> TextColumn {
        // A few texts do not keep all others in memory.
        if store.isInMemory, rows.count < store.count / 4 { return TextColumn(rows.lazy.map { self[$0] }) }
        return TextColumn(store: store, places: rows.map { UInt32(place($0)) })
    }

    /// The rows of several columns, one after another.
    static func joined(_ columns: [TextColumn]) -> TextColumn {
        if columns.count == 1 { return columns[0] }
        var builder = TextBuilder()
        for column in columns { builder.append(contentsOf: column) }
        return builder.column
    }

    /// A number of 64 bits that stands for a row's text: of a hundred million texts, the chance is 1 in 3600 that two have the same.
    func digest(_ row: Int) -> Int {
        var hasher = Hasher()
        hash(row, into: &hasher)
        return hasher.finalize()
    }

    /// A place for each null among texts that are there.
    ///
    /// - Parameter nulls: For each row whether it is null; whatever text its place then has.
    func spread(_ nulls: [Bool]?) -> TextColumn {
        guard let nulls else { return self }
        guard !isEmpty else { return TextColumn(CollectionOfOne("")).selecting(nulls.map { _ in 0 }) }
        var next = 0
        return selecting(
            nulls.map { isNull in
                if isNull { return 0 }
                next += 1
                return next - 1
            })
    }
}

extension TextColumn: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { places?.count ?? store.count }

    /// - Precondition: There is such a row.
    public subscript(row: Int) -> String { store[place(row)] }
}

extension TextColumn: ExpressibleByArrayLiteral {
    public init(arrayLiteral texts: String...) { self.init(texts) }
}

extension TextColumn: Hashable {
    /// Texts are equal when their bytes are: a tokenizer sees the difference between two spellings of "é".
    public static func == (left: TextColumn, right: TextColumn) -> Bool {
        left.count == right.count && left.indices.allSatisfy { left.text($0, isTextOf: right, $0) }
    }

    /// Whether two texts are equal byte by byte.
    func text(_ row: Int, isTextOf other: TextColumn, _ otherRow: Int) -> Bool {
        utf8Count(row) == other.utf8Count(otherRow)
            && withUTF8(row) { bytes in other.withUTF8(otherRow) { bytes.elementsEqual($0) } }
    }

    public func hash(into hasher: inout Hasher) {
        for row in indices { hash(row, into: &hasher) }
    }

    /// Feeds the bytes of one text to a hash function.
    func hash(_ row: Int, into hasher: inout Hasher) { withUTF8(row) { Self.hash($0, into: &hasher) } }

    static func hash(_ text: String, into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hash($0, into: &hasher) }
    }

    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, into hasher: inout Hasher) {
        hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        hasher.combine(UInt8(0xFF))
    }
}

extension TextColumn: CustomStringConvertible {
    public var description: String { Array(self).description }
}
