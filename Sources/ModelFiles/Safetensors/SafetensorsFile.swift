import Foundation
import JSON
import Requirements

/// An open safetensors file: named tensors that are used where they lie in the mapped file.
///
/// Opening checks the whole header; afterwards every entry is known to lie inside the file.
///
/// ```swift
/// let file = try SafetensorsFile(contentsOf: url)
/// for name in file.names { print(name, file[name]!.dtype, file[name]!.shape) }
/// ```
public final class SafetensorsFile: Sendable {
    /// One tensor of the file.
    public struct Entry: Sendable, Equatable {
        /// The tensor's name.
        public let name: String
        /// The type of its elements in the file.
        public let dtype: SafetensorsType
        /// Empty for a scalar.
        public let shape: [Int]
        /// Where the row-major, little-endian elements lie, counted from the beginning of the file.
        public let byteRange: Range<Int>

        /// The number of elements.
        public var count: Int { byteRange.count / dtype.byteCount }
    }

    /// The file.
    public let url: URL
    /// The tensors in the order of their data.
    public let entries: [Entry]
    /// The header's `__metadata__`; written by most libraries as `["format": "pt"]`.
    public let metadata: [String: String]
    /// How the tensors lie in memory.
    public let access: FileAccess
    private let positions: [ExactKey: Int]
    private let mapping: FileMapping

    /// Maps the file and checks its header. No tensor is read.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - access: By default weights can be updated in memory without touching the file: an optimizer
    ///     then copies only the pages that it writes.
    /// - Throws: ``ModelFileError`` with the tensor and the figures that do not fit.
    public init(contentsOf url: URL, access: FileAccess = .copyOnWrite) throws {
        self.url = url
        self.access = access
        mapping = try FileMapping(contentsOf: url, access: access)
        let header = try SafetensorsHeader(of: mapping.bytes, file: url.path)
        entries = header.entries
        metadata = header.metadata
        var positions: [ExactKey: Int] = [:]
        positions.reserveCapacity(entries.count)
        for (position, entry) in entries.enumerated() { positions[ExactKey(entry.name)] = position }
        self.positions = positions
    }

    /// The tensors' names in the order of their data.
    public var names: [String] { entries.map(\.name) }

    /// The entry of a name; nil where there is none.
    public subscript(name: String) -> Entry? { positions[ExactKey(name)].map { entries[$0] } }

    /// The bytes of a tensor. Depending on the file they may lie unaligned for their type: see `isAligned(_:)`.
    ///
    /// - Precondition: `entry` is one of this file's.
    public func withUnsafeBytes<R>(
        of entry: Entry, _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R {
        try body(UnsafeRawBufferPointer(start: pointer(to: entry), count: entry.byteRange.count))
    }

    /// The first byte of a tensor, valid as long as this object lives: hold both.
    ///
    /// - Precondition: `entry` is one of this file's.
    public func pointer(to entry: Entry) -> UnsafeRawPointer {
        require(
            entry.byteRange.upperBound <= mapping.bytes.count,
            "\(quoted(entry.name)) is an entry of another file than \(url.path)")
        // A file with a valid header is never empty, so it has a base address.
        return mapping.bytes.baseAddress! + entry.byteRange.lowerBound
    }

    /// The first byte of a tensor whose elements may be changed in memory; the file stays as it is. The caller
    /// sees to it that nobody reads the tensor meanwhile.
    ///
    /// - Precondition: `entry` is one of this file's, which was opened with `copyOnWrite` access.
    public func mutablePointer(to entry: Entry) -> UnsafeMutableRawPointer {
        require(access == .copyOnWrite, "\(url.path) was opened read-only; its tensors cannot be changed")
        return UnsafeMutableRawPointer(mutating: pointer(to: entry))
    }

    /// Whether a tensor's first byte lies at a multiple of its element size, as typed pointers need it. Files
    /// made by this module and by current Python libraries align every tensor; the format does not demand it.
    public func isAligned(_ entry: Entry) -> Bool {
        // The mapping itself begins at a page, so the offset in the file decides.
        entry.byteRange.lowerBound.isMultiple(of: entry.dtype.byteCount)
    }

    /// A copy of a tensor's elements in row-major order.
    ///
    /// - Throws: ``ModelFileError`` when the file does not hold the tensor, or in another type.
    public func values<Scalar: SafetensorsScalar>(of name: String, as type: Scalar.Type) throws -> [Scalar] {
        guard let entry = self[name] else {
            throw ModelFileError(
                .missing, file: url.path, place: "tensor \(quoted(name))",
                problem: "the file holds no such tensor; it holds \(entries.count) others")
        }
        guard entry.dtype == Scalar.safetensorsType else {
            throw ModelFileError(
                .unsupported, file: url.path, place: "tensor \(quoted(name))",
                problem:
                    "it is \(entry.dtype.rawValue), but \(Scalar.safetensorsType.rawValue) was asked for")
        }
        return withUnsafeBytes(of: entry) { [Scalar](copying: $0) }
    }
}
