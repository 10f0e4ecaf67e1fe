import CCodecs
import Foundation
import Requirements

/// The bytes of a file, mapped into memory: only what is read is loaded.
final class FileBytes: Sendable {
    let source: String
    let count: Int
    private let address: UInt
    /// Whether the bytes can be read from the file again.
    private let isMapped: Bool

    /// - Throws: `DatasetError` if the file cannot be read.
    init(_ url: URL) throws {
        guard url.isFileURL else { throw DatasetError("only files can be read; download it first", source: url.absoluteString) }
        source = url.path
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DatasetError("the file cannot be read: \(Self.lastReason)", source: url.path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DatasetError("the file cannot be read: \(Self.lastReason)", source: url.path) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw DatasetError("the file cannot be read: \(String(cString: strerror(EISDIR)))", source: url.path)
        }
        isMapped = status.st_mode & S_IFMT == S_IFREG
        if isMapped {
            count = Int(status.st_size)
            address = try Self.map(descriptor, count, source: source)
        } else {
            // A pipe, which has no size: it is read to its end.
            let data = try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readToEnd() ?? Data()
            count = data.count
            guard count > 0 else {
                address = 0
                return
            }
            let mapping = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let mapping, mapping != MAP_FAILED else {
                throw DatasetError("the file cannot be read: \(Self.lastReason)", source: url.path)
            }
            data.copyBytes(to: UnsafeMutableRawBufferPointer(start: mapping, count: count))
            address = UInt(bitPattern: mapping)
        }
    }

    /// The first `count` bytes of a file of the program's own.
    init(_ file: SideFile, count: Int) throws {
        (source, self.count, isMapped) = (CacheFolder.url.path, count, true)
        address = try Self.map(file.descriptor, count, source: source)
    }

    private static func map(_ descriptor: Int32, _ count: Int, source: String) throws -> UInt {
        guard count > 0 else { return 0 }
        let mapping = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let mapping, mapping != MAP_FAILED else {
            throw DatasetError("the file cannot be read: \(lastReason)", source: source)
        }
        return UInt(bitPattern: mapping)
    }

    /// Says that some bytes are not needed for now: they leave memory, and are loaded again when they are asked for.
    func release(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (range.lowerBound + page - 1) / page * page, end = range.upperBound / page * page
        guard isMapped, start < end, let first = UnsafeMutableRawPointer(bitPattern: address) else { return }
        madvise(first + start, end - start, MADV_DONTNEED)
    }

    deinit { if address != 0 { munmap(UnsafeMutableRawPointer(bitPattern: address), count) } }

    /// - Throws: `DatasetError` that lists the columns if one that is wanted is missing.
    func requireColumns(_ names: [String]?, of all: [String]) throws {
        guard let missing = names?.first(where: { !all.contains($0) }) else { return }
        throw DatasetError("there is no such column; the columns are " + Dataset.list(all), source: source, column: missing)
    }

    /// A copy of some bytes.
    ///
    /// - Precondition: They lie within the file.
    func bytes(_ range: Range<Int>) -> [UInt8] { withBytes(range) { Array($0) } }

    /// Everything.
    var all: [UInt8] { bytes(0..<count) }

    /// Lends some bytes.
    ///
    /// - Precondition: They lie within the file.
    func withBytes<Result>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        require(range.lowerBound >= 0 && range.upperBound <= count, "FileBytes: \(range) is not in 0..<\(count)")
        let start = UnsafePointer<UInt8>(bitPattern: address).map { $0 + range.lowerBound }
        return try withExtendedLifetime(self) { try body(UnsafeBufferPointer(start: start, count: range.count)) }
    }

    private static var lastReason: String { String(cString: strerror(errno)) }
}

extension [UInt8] {
    /// The first place of a byte from another one on.
    ///
    /// - Precondition: `start` is within the array, or its end.
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        require(start >= 0 && start <= count, "bytes: \(start) is not in 0...\(count)")
        return withUnsafeBytes { bytes in
            guard start < count, let found = memchr(bytes.baseAddress! + start, Int32(byte), count - start) else { return nil }
            return UnsafeRawPointer(found) - bytes.baseAddress!
        }
    }

    /// Whether some bytes are UTF-8.
    ///
    /// - Precondition: They lie within the array.
    @inline(__always)
    func isUTF8(_ range: Range<Int>) -> Bool {
        require(range.lowerBound >= 0 && range.upperBound <= count, "bytes: \(range) is not in 0..<\(count)")
        return withUnsafeBufferPointer { bytes in
            let part = UnsafeBufferPointer(rebasing: bytes[range])
            return is_utf8(part.baseAddress, part.count) != 0
        }
    }

    /// The number that begins at a position, its least significant byte first.
    ///
    /// - Precondition: It lies within the array.
    @inline(__always)
    func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at position: Int) -> Number {
        require(position >= 0 && position <= count - MemoryLayout<Number>.size, "bytes: \(position) is not in 0..<\(count)")
        return withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Number.self)) }
    }

    /// Numbers one after another.
    ///
    /// - Precondition: They lie within the array.
    func loadAll<Number: BitwiseCopyable>(_ type: Number.Type, at position: Int, count number: Int) -> [Number] {
        let width = MemoryLayout<Number>.size
        require(
            position >= 0 && number <= (count - position) / width, "bytes: \(number) numbers from \(position) on do not lie in 0..<\(count)"
        )
        return [Number](unsafeUninitializedCapacity: number) { buffer, filled in
            withUnsafeBytes {
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: .init(rebasing: $0[position..<position + number * width]))
            }
            filled = number
        }
    }

    /// Appends a number, its least significant byte first.
    mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
