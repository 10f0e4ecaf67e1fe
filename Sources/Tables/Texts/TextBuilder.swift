import CCodecs
import Requirements

/// Gathers the texts of a column. From 64 MB on they go to a file, of which only the newest part is in memory.
struct TextBuilder: Sendable {
    /// Up to which size texts stay in memory; of a column that has passed it, how much is written at once.
    private static let memoryLimit = 1 << 26, pieceSize = 1 << 22

    /// The texts that are not in the file.
    private var bytes: [UInt8] = []
    /// Where each of them ends, from the beginning of all.
    private var ends: [Int] = []
    /// Number of bytes and of texts in the file.
    private var written = (bytes: 0, texts: 0)
    private var files: (bytes: SideFile, ends: SideFile)?
    /// Without a folder that can be written to, all stays in memory.
    private var staysInMemory = false
    /// For each row its text; nil: texts and rows are the same.
    private var places: [UInt32]?
    /// The texts that other rows refer to, and where they begin.
    private var kept: (store: TextStore, start: Int)?

    /// Number of rows.
    var count: Int { places?.count ?? textCount }
    private var textCount: Int { written.texts + ends.count }
    private var size: Int { written.bytes + bytes.count }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    /// - Parameter text: UTF-8.
    @inline(__always)
    mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text)
        endText()
    }

    /// - Parameters:
    ///   - source: What holds UTF-8 in the range.
    ///   - range: Where the text lies.
    @inline(__always)
    mutating func append(_ source: [UInt8], _ range: Range<Int>) {
        require(range.lowerBound >= 0 && range.upperBound <= source.count, "bytes: \(range) is not in 0..<\(source.count)")
        source.withUnsafeBufferPointer { append(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    @inline(__always)
    private mutating func endText() {
        if places != nil { addPlace(textCount) }
        ends.append(size)
        if bytes.count >= Self.pieceSize { flushIfLarge() }
    }

    private mutating func addPlace(_ place: Int) {
        require(place <= Int(UInt32.max), "TextColumn: more than \(UInt32.max) texts")
        places!.append(UInt32(place))
    }

    /// The text of the last row once more, which is not stored again.
    ///
    /// - Precondition: There is a row.
    mutating func repeatLast() {
        let last = places?.last ?? UInt32(textCount - 1)
        startPlaces()
        places!.append(last)
    }

    /// From now on rows are apart from texts.
    private mutating func startPlaces() {
        require(textCount <= Int(UInt32.max), "TextColumn: more than \(UInt32.max) texts")
        if places == nil { places = Array(0..<UInt32(textCount)) }
    }

    // MARK: Many at once

    /// Appends texts that stand one after another with their lengths, four bytes each, before them.
    ///
    /// - Parameter number: How many there are.
    /// - Returns: Where the next one would begin; nil if they go beyond `range`.
    /// - Throws: `Malformed` where they are not UTF-8.
    mutating func appendPrefixed(
        _ source: [UInt8], _ range: Range<Int>, count number: Int, what: String
    ) throws(Malformed) -> Int? {
        // No more than there are bytes, and no text without its length.
        guard number <= range.count / 4 else { return nil }
        let first = bytes.count, firstEnd = ends.count, start = size
        bytes.append(contentsOf: repeatElement(0, count: range.count - 4 * number))
        ends.append(contentsOf: repeatElement(start, count: number))
        let length = ends.withUnsafeMutableBufferPointer { ends in
            bytes.withUnsafeMutableBufferPointer { output in
                source.withUnsafeBufferPointer { input in
                    take_prefixed(
                        input.baseAddress.map { $0 + range.lowerBound }, range.count, number, output.baseAddress.map { $0 + first },
                        ends.baseAddress.map { $0 + firstEnd })
                }
            }
        }
        bytes.removeLast(range.count - 4 * number - max(length, 0))
        guard length >= 0 else {
            ends.removeLast(number)
            return nil
        }
        try check(from: first, firstEnd, what: what)
        if places != nil { for place in textCount - number..<textCount { addPlace(place) } }
        flushIfLarge()
        return range.lowerBound + length + 4 * number
    }

    /// Appends texts that stand one after another.
    ///
    /// - Parameters:
    ///   - source: What holds them.
    ///   - offsets: Where each begins and the last one ends: ascending, and within `source`.
    ///   - what: What is read, for messages.
    /// - Throws: `Malformed` where they are not UTF-8.
    mutating func append(_ source: [UInt8], offsets: [Int], what: String) throws(Malformed) {
        guard let start = offsets.first, let end = offsets.last, offsets.count > 1 else { return }
        let first = bytes.count, firstEnd = ends.count, shift = size - start
        bytes += source[start..<end]
        ends += offsets.dropFirst().lazy.map { $0 + shift }
        try check(from: first, firstEnd, what: what)
        if places != nil { for place in textCount - offsets.count + 1..<textCount { addPlace(place) } }
        flushIfLarge()
    }

    /// Texts are UTF-8 if all of them together are and none begins in the middle of a character.
    private func check(from first: Int, _ firstEnd: Int, what: String) throws(Malformed) {
        let isValid = bytes.withUnsafeBufferPointer { bytes in
            ends.withUnsafeBufferPointer { ends in
                is_utf8(bytes.baseAddress.map { $0 + first }, bytes.count - first) != 0
                    && ends[firstEnd...].allSatisfy { end in
                        let place = end - written.bytes
                        return place == bytes.count || bytes[place] & 0xC0 != 0x80
                    }
            }
        }
        if !isValid { throw Malformed("\(what) hold a text that is not UTF-8") }
    }

    /// Appends the rows of another column.
    mutating func append(contentsOf column: TextColumn) {
        let store = column.store
        guard column.places != nil else {
            let shift = size, number = store.count
            if places != nil { for place in textCount..<textCount + number { addPlace(place) } }
            ends.reserveCapacity(ends.count + number)
            for index in 0..<number { ends.append(store.range(index).upperBound + shift) }
            store.forEachPiece {
                bytes.append(contentsOf: $0)
                flushIfLarge()
            }
            return
        }
        let rowSize = column.indices.reduce(0) { $0 + column.utf8Count($1) },
            size = store.count == 0 ? 0 : store.range(store.count - 1).upperBound
        if kept?.store !== store, rowSize <= 2 * size {
            for row in column.indices { column.withUTF8(row) { append($0) } }
            return
        }
        // Rows that refer to the same texts again and again do so here, too.
        if kept?.store !== store {
            startPlaces()
            let all = places
            places = nil
            kept = (store, textCount)
            append(contentsOf: TextColumn(store: store))
            places = all
        }
        append(places: column.places!.lazy.map(Int.init), from: kept!.start)
    }

    /// Appends texts that are no rows, for rows to refer to.
    ///
    /// - Returns: The place of the first.
    mutating func keep(_ others: TextBuilder) -> Int {
        startPlaces()
        let rows = places
        places = nil
        defer { places = rows }
        let start = textCount
        append(contentsOf: others.column)
        return start
    }

    /// Appends rows whose texts are kept.
    ///
    /// - Parameters:
    ///   - numbers: Which text each row has.
    ///   - start: The place of text 0.
    mutating func append(places numbers: some Sequence<Int>, from start: Int) {
        startPlaces()
        for number in numbers { addPlace(start + number) }
    }

    // MARK: The file

    private mutating func flushIfLarge() {
        guard bytes.count >= (files == nil ? Self.memoryLimit : Self.pieceSize), !staysInMemory else { return }
        let isFirst = files == nil
        if isFirst { files = try? (SideFile(), SideFile()) }
        guard let files, write(to: files) else { return returnToMemory() }
        written = (size, textCount)
        bytes.removeAll(keepingCapacity: !isFirst)
        ends.removeAll(keepingCapacity: !isFirst)
    }

    private func write(to files: (bytes: SideFile, ends: SideFile)) -> Bool {
        files.bytes.write(bytes, at: written.bytes) && files.ends.write(ends, at: written.texts * 8)
    }

    /// Where the disk is full, memory is what is left.
    private mutating func returnToMemory() {
        staysInMemory = true
        guard let files else { return }
        bytes = files.bytes.bytes(0..<written.bytes) + bytes
        ends = files.ends.bytes(0..<written.texts * 8).loadAll(Int.self, at: 0, count: written.texts) + ends
        written = (0, 0)
        self.files = nil
    }

    /// What was appended so far.
    var column: TextColumn {
        if let files {
            if write(to: files), let map = try? FileBytes(files.ends, count: textCount * 8) {
                return TextColumn(store: TextStore(files.bytes, ends: map, count: textCount), places: places)
            }
            var copy = self
            copy.returnToMemory()
            return copy.column
        }
        return TextColumn(store: TextStore(bytes, ends: ends), places: places)
    }
}
