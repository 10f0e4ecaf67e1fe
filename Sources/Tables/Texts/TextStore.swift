import Requirements

/// Texts one after another, as bytes: in memory, or in a file without a name.
final class TextStore: Sendable {
    private enum Place: Sendable {
        case memory([UInt8], ends: [Int])
        case file(SideFile, ends: FileBytes)
    }

    /// Number of texts.
    let count: Int
    private let place: Place

    init(_ bytes: [UInt8], ends: [Int]) {
        place = .memory(bytes, ends: ends)
        count = ends.count
    }

    /// - Parameters:
    ///   - bytes: A file of all bytes.
    ///   - ends: Where each text ends, as `Int`.
    ///   - count: The number of texts.
    init(_ bytes: SideFile, ends: FileBytes, count: Int) {
        place = .file(bytes, ends: ends)
        self.count = count
    }

    var isInMemory: Bool { if case .memory = place { true } else { false } }

    /// Where a text lies.
    ///
    /// - Precondition: There is such a text.
    @inline(__always)
    func range(_ index: Int) -> Range<Int> {
        require(index >= 0 && index < count, "TextColumn: row \(index) is not in 0..<\(count)")
        switch place {
        case .memory(_, let ends): return (index == 0 ? 0 : ends[index - 1])..<ends[index]
        case .file(_, let ends):
            return ends.withBytes(max(0, (index - 1) * 8)..<(index + 1) * 8) { bytes in
                let numbers = UnsafeRawBufferPointer(bytes)
                return index == 0
                    ? 0..<numbers.loadUnaligned(as: Int.self)
                    : numbers.loadUnaligned(as: Int.self)..<numbers.loadUnaligned(fromByteOffset: 8, as: Int.self)
            }
        }
    }

    subscript(index: Int) -> String {
        let range = range(index)
        switch place {
        case .memory(let bytes, _):
            return bytes.withUnsafeBufferPointer { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self) }
        case .file(let file, _):
            // Read rather than mapped: what was looked at once does not stay with the process.
            return String(unsafeUninitializedCapacity: range.count) {
                file.read(range.lowerBound, into: UnsafeMutableBufferPointer(rebasing: $0[..<range.count]))
                return range.count
            }
        }
    }

    func withUTF8<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        let range = range(index)
        switch place {
        case .memory(let bytes, _): return try bytes.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[range])) }
        case .file(let file, _): return try file.bytes(range).withUnsafeBufferPointer(body)
        }
    }

    /// All bytes, piece by piece.
    func forEachPiece(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch place {
        case .memory(let bytes, _): bytes.withUnsafeBufferPointer(body)
        case .file(let file, _):
            let end = count == 0 ? 0 : range(count - 1).upperBound
            for start in stride(from: 0, to: end, by: 1 << 20) {
                file.bytes(start..<min(start + 1 << 20, end)).withUnsafeBufferPointer(body)
            }
        }
    }
}
