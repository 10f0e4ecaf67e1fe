import CCodecs
import JSON

/// The files of a zip archive, stored or deflated, as its directory at the end lists them.
struct ZipArchive {
    struct Entry {
        let isDeflated: Bool
        let crc32: UInt32
        let packedSize: Int
        let size: Int
        let headerOffset: Int
    }

    /// By name.
    private(set) var entries: [String: Entry] = [:]
    private let mapping: FileMapping
    private let file: String
    private var bytes: UnsafeRawBufferPointer { mapping.bytes }

    private static let endSize = 22, entrySize = 46, headerSize = 30, locatorSize = 20, longEndSize = 56
    private static let endSignature: UInt32 = 0x0605_4B50, entrySignature: UInt32 = 0x0201_4B50
    private static let headerSignature: UInt32 = 0x0403_4B50
    private static let locatorSignature: UInt32 = 0x0706_4B50, longEndSignature: UInt32 = 0x0606_4B50

    /// Whether bytes begin as an archive does.
    static func isArchive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 4 && UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) == headerSignature
    }

    /// Reads the directory.
    ///
    /// - Throws: ``ModelFileError`` where it is cut or damaged.
    init(_ mapping: FileMapping, file: String) throws {
        (self.mapping, self.file) = (mapping, file)
        let (count, first) = try directory()
        var start = first
        // Each takes its place in the directory, so no count is believed.
        guard count <= bytes.count / Self.entrySize else { throw error("the directory claims \(count) files") }
        for _ in 0..<count { start = try readEntry(at: start) }
    }

    private func error(_ problem: String, kind: ModelFileError.Kind = .malformed) -> ModelFileError {
        ModelFileError(kind, file: file, place: "zip archive", problem: problem)
    }

    private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, _ offset: Int) throws -> Number {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else { throw error("it is cut or damaged") }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }

    private func load<Number: FixedWidthInteger & BitwiseCopyable>(size type: Number.Type, _ offset: Int) throws -> Int {
        let value = try load(type, offset)
        guard let size = Int(exactly: value), size <= bytes.count || type != UInt64.self else {
            throw error("it tells of \(value) bytes, but the file has \(bytes.count)")
        }
        return size
    }

    /// - Returns: The number of files, and where the directory begins.
    private func directory() throws -> (count: Int, start: Int) {
        let last = bytes.count - Self.endSize
        for offset in stride(from: last, through: max(0, last - 65_535), by: -1) {
            guard try load(UInt32.self, offset) == Self.endSignature,
                try load(size: UInt16.self, offset + 20) == last - offset
            else { continue }
            let locator = offset - Self.locatorSize
            if locator >= 0, try load(UInt32.self, locator) == Self.locatorSignature {
                let end = try load(size: UInt64.self, locator + 8)
                guard try load(UInt32.self, end) == Self.longEndSignature else {
                    throw error("its long directory is not where it should be")
                }
                return (try load(size: UInt64.self, end + 32), try load(size: UInt64.self, end + 48))
            }
            return (try load(size: UInt16.self, offset + 10), try load(size: UInt32.self, offset + 16))
        }
        throw error("it has no directory at its end: the file is truncated")
    }

    /// - Returns: Where the next entry begins.
    private mutating func readEntry(at offset: Int) throws -> Int {
        guard try load(UInt32.self, offset) == Self.entrySignature else { throw error("its directory is damaged at byte \(offset)") }
        let nameSize = try load(size: UInt16.self, offset + 28), extraSize = try load(size: UInt16.self, offset + 30)
        let commentSize = try load(size: UInt16.self, offset + 32), nameStart = offset + Self.entrySize
        let end = nameStart + nameSize + extraSize + commentSize
        guard end <= bytes.count else { throw error("its directory is cut") }
        guard let name = String(validating: bytes[nameStart..<nameStart + nameSize], as: UTF8.self) else {
            throw error("a name at byte \(nameStart) is not UTF-8")
        }
        let sizes = try longSizes(
            [24, 20, 42].map { try load(size: UInt32.self, offset + $0) }, in: nameStart + nameSize..<end - commentSize)
        let (size, packedSize, headerOffset) = (sizes[0], sizes[1], sizes[2])
        let method = try load(UInt16.self, offset + 10)
        guard try load(UInt16.self, offset + 8) & 1 == 0 else { throw error("\(quoted(name)) is encrypted", kind: .unsupported) }
        guard method == 0 || method == 8 else {
            throw error("\(quoted(name)) is compressed by method \(method); 0 (stored) and 8 (deflated) can be read", kind: .unsupported)
        }
        let entry = Entry(
            isDeflated: method == 8, crc32: try load(UInt32.self, offset + 16), packedSize: packedSize, size: size,
            headerOffset: headerOffset)
        guard method == 8 || size == packedSize else { throw error("\(quoted(name)) has two sizes, \(size) and \(packedSize)") }
        guard entries.updateValue(entry, forKey: name) == nil else { throw error("two files are named \(quoted(name))") }
        return end
    }

    /// Sizes of which all 32 bits are set stand with 64 bits in a field behind the name.
    private func longSizes(_ sizes: [Int], in range: Range<Int>) throws -> [Int] {
        let isLong = Int(UInt32.max)
        guard sizes.contains(isLong) else { return sizes }
        var place = range.lowerBound
        while place <= range.upperBound - 4 {
            var next = place + 4
            let end = next + (try load(size: UInt16.self, place + 2))
            if try load(UInt16.self, place) == 1 {
                return try sizes.map { size in
                    guard size == isLong else { return size }
                    next += 8
                    guard next <= end, end <= range.upperBound else { throw error("a size of 64 bits is cut") }
                    return try load(size: UInt64.self, next - 8)
                }
            }
            place = end
        }
        return sizes
    }

    // MARK: Content

    /// What a file holds: where it lies in the archive, with a check sum, or in memory of its own where it was deflated.
    ///
    /// - Throws: ``ModelFileError`` where it is cut, or does not come to what the directory says.
    func content(of name: String, _ entry: Entry) throws -> FileContent {
        guard try load(UInt32.self, entry.headerOffset) == Self.headerSignature else {
            throw error("\(quoted(name)) is not where the directory says")
        }
        let start =
            try entry.headerOffset + Self.headerSize + load(size: UInt16.self, entry.headerOffset + 26)
            + load(size: UInt16.self, entry.headerOffset + 28)
        guard start <= bytes.count, entry.packedSize <= bytes.count - start else { throw error("\(quoted(name)) is cut") }
        let packed = start..<start + entry.packedSize
        guard entry.isDeflated else {
            // Without check sums PyTorch writes none.
            return FileContent(
                bytes: UnsafeMutableRawBufferPointer(rebasing: mapping.mutableBytes[packed]), owner: mapping,
                crc32: entry.crc32 == 0 ? nil : entry.crc32)
        }
        return try inflated(bytes[packed], name, entry)
    }

    /// Deflated data are a gzip file without its frame.
    private func inflated(_ packed: Slice<UnsafeRawBufferPointer>, _ name: String, _ entry: Entry) throws -> FileContent {
        var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        member.reserveCapacity(packed.count + 18)
        member += packed
        for word in [entry.crc32, UInt32(truncatingIfNeeded: entry.size)] { withUnsafeBytes(of: word.littleEndian) { member += $0 } }
        let output = OwnedBytes(count: entry.size)
        guard codec_can_expand(Int32(CODEC_GZIP), member, member.count, entry.size) != 0,
            codec_decompress(
                Int32(CODEC_GZIP), member, member.count, output.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), entry.size)
                == entry.size
        else { throw error("the compressed data of \(quoted(name)) are damaged") }
        return FileContent(bytes: output.bytes, owner: output)
    }

    /// What a file holds, after a look at its check sum.
    func checkedContent(of name: String) throws -> FileContent {
        guard let entry = entries[name] else { throw error("there is no \(name) in it") }
        let content = try content(of: name, entry)
        guard content.isIntact else { throw error("\(quoted(name)) is damaged: its check sum differs") }
        return content
    }
}
