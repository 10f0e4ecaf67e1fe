import CCodecs

/// How bytes are compressed.
enum Codec: Int32, Sendable {
    case snappy = 1
    case gzip = 2
    case brotli = 3
    case zstd = 4
    /// A block without a frame.
    case lz4 = 5
    case lz4Frame = 6

    var name: String { self == .lz4Frame ? "lz4" : "\(self)" }

    /// Decompresses what has to become exactly `size` bytes.
    ///
    /// - Throws: `Malformed` if it does not; a size that cannot be is refused before it is allocated.
    func decompress(_ input: UnsafeBufferPointer<UInt8>, size: Int) throws(Malformed) -> [UInt8] {
        guard size >= 0, codec_can_expand(rawValue, input.baseAddress, input.count, size) != 0 else {
            throw Malformed("\(input.count) bytes that \(name) has compressed cannot become the \(size) that the file says")
        }
        var written = 0
        let output = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            // A null pointer is no output to some of the libraries.
            var nothing: UInt8 = 0
            written =
                size == 0
                ? codec_decompress(rawValue, input.baseAddress, input.count, &nothing, 0)
                : codec_decompress(rawValue, input.baseAddress, input.count, buffer.baseAddress, size)
            count = max(written, 0)
        }
        guard written == size else { throw Malformed("the compressed data are damaged (\(name))") }
        return output
    }

    /// - Precondition: The codec is one that is written: snappy, gzip or zstd.
    func compress(_ input: [UInt8]) -> [UInt8] {
        let bound = codec_bound(rawValue, input.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            count = codec_compress(rawValue, input, input.count, buffer.baseAddress, bound)
            precondition(count >= 0, "\(name) cannot compress")
        }
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 { codec_crc32(bytes, bytes.count) }
    static func crc32(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 { codec_crc32(bytes.baseAddress, bytes.count) }
}

/// Everything that a file of several gzip members or zstd frames holds, piece by piece: no size is believed.
final class Expansion {
    private let codec: Codec
    private let file: FileBytes
    private let stream: OpaquePointer
    private var position = 0

    init(_ codec: Codec, _ file: FileBytes) throws(Malformed) {
        guard let stream = codec_stream_open(codec.rawValue) else { throw Malformed("there is no memory for \(codec.name)") }
        (self.codec, self.file, self.stream) = (codec, file, stream)
    }

    deinit { codec_stream_close(stream) }

    /// At most `count` bytes more; none at the end.
    ///
    /// - Throws: `Malformed` if the file is damaged or cut.
    func next(_ count: Int) throws(Malformed) -> [UInt8] {
        let first = position
        var written = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            written = file.withBytes(0..<file.count) {
                codec_stream_read(stream, $0.baseAddress, $0.count, &position, buffer.baseAddress, count)
            }
            filled = max(written, 0)
        }
        file.release(first..<position)
        guard written >= 0 else { throw Malformed("the compressed data are damaged (\(codec.name)), after \(position) bytes") }
        guard written > 0 || position == file.count && codec_stream_is_complete(stream) != 0 else {
            throw Malformed("the compressed data (\(codec.name)) end in the middle: the file was cut")
        }
        return bytes
    }
}
