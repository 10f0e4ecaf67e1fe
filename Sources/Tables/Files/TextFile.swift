import Foundation

/// Files of text: decompressed where they are compressed, and checked to be UTF-8 at their beginning.
enum TextFile {
    /// The bytes of a file, decompressed where gzip or zstd has compressed them.
    ///
    /// - Throws: `DatasetError` if the file cannot be read, is damaged, or is UTF-16.
    static func bytes(of url: URL) throws -> [UInt8] { try bytes(of: FileBytes(url)) }

    static func bytes(of file: FileBytes) throws -> [UInt8] {
        let beginning = file.bytes(0..<min(4, file.count))
        let codec: Codec? = beginning.starts(with: [0x1F, 0x8B]) ? .gzip : beginning == [0x28, 0xB5, 0x2F, 0xFD] ? .zstd : nil
        let bytes: [UInt8]
        do {
            bytes = try codec.map { codec in try file.withBytes(0..<file.count) { try codec.expand($0) } } ?? file.all
        } catch let error as Malformed {
            throw DatasetError(error.problem, source: file.source)
        }
        guard !UTF8Text.sixteenBitMarks.contains(where: bytes.starts) else {
            throw DatasetError("the file is UTF-16 text; save it as UTF-8", source: file.source)
        }
        return bytes
    }

    /// Whether the text begins with a byte order mark, which is no part of it.
    static func start(of bytes: [UInt8]) -> Int { bytes.starts(with: UTF8Text.byteOrderMark) ? UTF8Text.byteOrderMark.count : 0 }

    /// The texts of the lines, which end with LF or CR LF; the last needs no end.
    static func lines(_ bytes: [UInt8], source: String) throws -> [String] {
        var lines: [String] = []
        var position = start(of: bytes)
        while position < bytes.count {
            let feed = bytes[position...].firstIndex(of: UTF8Text.lineFeed) ?? bytes.count
            let end = feed > position && bytes[feed - 1] == UTF8Text.carriageReturn && feed < bytes.count ? feed - 1 : feed
            guard let text = bytes.text(position..<end) else {
                throw DatasetError(UTF8Text.problem(in: bytes, position..<end), source: source, line: lines.count + 1)
            }
            lines.append(text)
            position = feed + 1
        }
        return lines
    }
}
