import Foundation
import JSON
import Testing
@testable import Tables

/// Files that were cut or changed: an error with a type, or rows; never a crash.
struct DamagedFileTests {
    private static let small = [
        "required.parquet", "delta-bytes-v2.parquet", "streams-v1.parquet", "duckdb-v2.parquet", "legacy.parquet", "more-lz4.arrow",
        "file.arrow",
        "stream-zstd.arrow", "pairs.json", "nested.json", "pairs.jsonl.gz", "pairs.jsonl.zst", "pairs.sqlite",
    ]

    /// Reads a file, and all of its rows where it can be read.
    private func read(_ url: URL) throws -> Table? {
        do {
            let table = try Table(contentsOf: url)
            for row in 0..<min(table.rowCount, 1000) { _ = table.object(atRow: row) }
            for column in table.columns { _ = try? Dataset(table, inputs: [column.name]) }
            return table
        } catch is DatasetError {
            return nil
        }
    }

    @Test(arguments: small) func cutFilesAreRefused(_ name: String) throws {
        let bytes = try Data(contentsOf: FileFormatTests.folder.appending(path: name))
        let whole = try Table(contentsOf: FileFormatTests.folder.appending(path: name)).rowCount
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            let url = folder.appending(path: name)
            // Every place of small files; of larger ones some, of a few thousand.
            for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 1500)) {
                try bytes.prefix(count).write(to: url)
                // A database may lack its last page, where nothing is left to see that it did.
                if let table = try read(url), !name.hasSuffix("sqlite") {
                    Issue.record("\(count) of \(bytes.count) bytes gave \(table.rowCount) of \(whole) rows")
                }
            }
        }
    }

    @Test(arguments: small) func changedFilesNeverCrash(_ name: String) throws {
        let bytes = try [UInt8](Data(contentsOf: FileFormatTests.folder.appending(path: name)))
        let count = ProcessInfo.processInfo.environment["TABLE_MUTATIONS"].flatMap(Int.init) ?? 300
        var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: bytes.count))
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            let url = folder.appending(path: name)
            for _ in 0..<count {
                var changed = bytes
                for _ in 0..<generator.next() % 4 + 1 {
                    let place = Int(generator.next()) % changed.count
                    switch generator.next() % 5 {
                    case 0: changed[place] = UInt8(truncatingIfNeeded: generator.next())
                    case 1: changed[place] ^= 1 << UInt8(generator.next() % 8)
                    case 2: changed[place] = [0, 0x7F, 0x80, 0xFF][Int(generator.next() % 4)]
                    case 3: changed.remove(at: place)
                    default: changed.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
                    }
                    // Descriptions are most of what can go wrong, and few bytes at the ends.
                    if generator.next() % 2 == 0 {
                        let near = Int(generator.next()) % min(400, changed.count)
                        changed[generator.next() % 2 == 0 ? near : changed.count - 1 - near] = UInt8(truncatingIfNeeded: generator.next())
                    }
                }
                try Data(changed).write(to: url)
                _ = try read(url)
            }
        }
    }
}
