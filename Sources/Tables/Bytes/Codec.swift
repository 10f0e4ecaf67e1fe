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

    /// Everything that a file of several gzip members or zstd frames holds.
    ///
    /// The output grows with what is there: no size is believed.
    ///
    /// - Throws: `Malformed` if it is damaged or cut.
    func expand(_ input: UnsafeBufferPointer<UInt8>) throws(Malformed) -> [UInt8] {
        guard let stream = codec_stream_open(rawValue) else { throw Malformed("there is no memory for \(name)") }
        defer { codec_stream_close(stream) }
        var output: [UInt8] = []
        var position = 0, piece = max(1 << 16, min(input.count, 1 << 24))
        while true {
            var written = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: piece) { buffer, count in
                written = codec_stream_read(stream, input.baseAddress, input.count, &position, buffer.baseAddress, piece)
                count = max(written, 0)
            }
            guard written >= 0 else { throw Malformed("the compressed data are damaged (\(name)), after \(position) bytes") }
            if written == 0 { break }
            output += bytes
            piece = min(piece * 2, 1 << 26)
        }
        guard position == input.count, codec_stream_is_complete(stream) != 0 else {
            throw Malformed("the compressed data (\(name)) end in the middle: the file was cut")
        }
        return output
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 { codec_crc32(bytes, bytes.count) }
    static func crc32(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 { codec_crc32(bytes.baseAddress, bytes.count) }
}
