import Foundation

/// Where a text is read from.
enum TextSource {
    case file(FileBytes)
    case bytes([UInt8], source: String)

    /// - Throws: `DatasetError` if the file cannot be read.
    init(_ url: URL) throws { self = .file(try FileBytes(url)) }

    /// What messages call it.
    var name: String {
        switch self {
        case .file(let file): file.source
        case .bytes(_, let source): source
        }
    }
}

/// A part of a text, which moves from its beginning to its end: decompressed where gzip or zstd has compressed it.
struct TextWindow {
    private enum Rest {
        case none
        case file(FileBytes, from: Int)
        case compressed(Expansion)
    }

    private static let blockSize = 1 << 22

    let source: String
    private(set) var bytes: [UInt8] = []
    /// Where the window begins, from the text's beginning.
    private(set) var start = 0
    private var rest: Rest
    /// Where the first line begins: behind a byte order mark.
    private(set) var firstPosition = 0

    /// - Throws: `DatasetError` if the text is damaged, or UTF-16.
    init(_ text: TextSource) throws {
        source = text.name
        switch text {
        case .bytes(let bytes, _):
            self.bytes = bytes
            rest = .none
        case .file(let file):
            let beginning = file.bytes(0..<min(4, file.count))
            let codec: Codec? = beginning.starts(with: [0x1F, 0x8B]) ? .gzip : beginning == [0x28, 0xB5, 0x2F, 0xFD] ? .zstd : nil
            do {
                rest = try codec.map { .compressed(try Expansion($0, file)) } ?? .file(file, from: 0)
            } catch {
                throw DatasetError((error as? Malformed)?.problem ?? "\(error)", source: source)
            }
            while bytes.count < 4, !isLast { try advance(by: 0) }
        }
        guard !UTF8Text.sixteenBitMarks.contains(where: bytes.starts) else {
            throw DatasetError("the file is UTF-16 text; save it as UTF-8", source: source)
        }
        firstPosition = UTF8Text.start(of: bytes)
    }

    /// Whether the text ends with the window.
    var isLast: Bool { if case .none = rest { true } else { false } }

    /// Drops the first bytes, and loads a block, or as many bytes as are left where these are more.
    ///
    /// - Throws: `DatasetError` if the text is damaged.
    mutating func advance(by used: Int) throws {
        bytes.removeSubrange(..<used)
        start += used
        let wanted = max(Self.blockSize, bytes.count)
        switch rest {
        case .none: break
        case .file(let file, let position):
            let range = position..<min(position + wanted, file.count)
            file.withBytes(range) { bytes.append(contentsOf: $0) }
            file.release(range)
            rest = range.upperBound == file.count ? .none : .file(file, from: range.upperBound)
        case .compressed(let expansion):
            do {
                let more = try expansion.next(wanted)
                bytes += more
                if more.isEmpty { rest = .none }
            } catch {
                throw DatasetError(error.problem, source: source)
            }
        }
    }

    /// The whole text.
    ///
    /// - Throws: As `init(_:)` and `advance(by:)`.
    static func all(of text: TextSource) throws -> [UInt8] {
        var window = try TextWindow(text)
        while !window.isLast { try window.advance(by: 0) }
        return window.bytes
    }
}
