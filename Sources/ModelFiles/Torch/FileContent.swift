import CCodecs

/// Bytes of a file, and who keeps them in memory.
struct FileContent: @unchecked Sendable {
    // Unchecked because of the raw pointer: the bytes are written only through tensors that own them alone.
    let bytes: UnsafeMutableRawBufferPointer
    let owner: AnyObject & Sendable
    /// The check sum that the bytes should have, where the file has one and nobody has looked yet.
    var crc32: UInt32?

    var isIntact: Bool { crc32.map { $0 == codec_crc32(bytes.baseAddress, bytes.count) } ?? true }
}

/// Memory of a size that is freed with the value.
final class OwnedBytes: @unchecked Sendable {
    // Unchecked because of the raw pointer, as with FileMapping.
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
        bytes = UnsafeMutableRawBufferPointer(
            start: .allocate(byteCount: max(count, 1), alignment: 64), count: count)
    }

    deinit { bytes.deallocate() }
}
