import Foundation

/// How a file holds a table.
package enum FileFormat: Sendable, Equatable {
    case delimited(Character, Dataset.Quoting)
    case jsonLines
    /// Where rows are under a key, its name; nil: a list, or the one list there is.
    case json(field: String?)
    case parquet
    case arrow
    /// A sentence a line.
    case text
    /// A SELECT; nil: the one table there is.
    case sqlite(query: String?)

    private static let byExtension: [(names: [String], format: FileFormat)] = [
        (["csv"], .delimited(",", .automatic)), (["tsv"], .delimited("\t", .automatic)), (["jsonl", "ndjson"], .jsonLines),
        (["json"], .json(field: nil)), (["parquet"], .parquet), (["arrow", "feather", "ipc"], .arrow), (["txt"], .text),
        (["sqlite", "sqlite3", "db"], .sqlite(query: nil)),
    ]

    /// The extensions that are known, for messages.
    package static var extensions: String { byExtension.flatMap(\.names).map { "." + $0 }.joined(separator: ", ") }

    /// What compresses the whole file, by the end of its name.
    static func compression(of url: URL) -> Codec? {
        switch url.pathExtension.lowercased() {
        case "gz", "gzip": .gzip
        case "zst", "zstd": .zstd
        default: nil
        }
    }

    /// The format that a file's name tells, whether or not it is compressed.
    ///
    /// - Throws: `DatasetError` for an unknown extension.
    package init(of url: URL) throws {
        let isCompressed = Self.compression(of: url) != nil
        let name = (isCompressed ? url.deletingPathExtension() : url).pathExtension.lowercased()
        guard let known = Self.byExtension.first(where: { $0.names.contains(name) }) else {
            throw DatasetError(
                "files of type \"\(name)\" cannot be read; the types are \(Self.extensions)", source: url.path)
        }
        self = known.format
        if isCompressed, [.parquet, .arrow, .sqlite(query: nil)].contains(self) {
            throw DatasetError("a \(name) file is compressed from within; decompress it first", source: url.path)
        }
    }
}
