import Foundation

/// Writes a file beside its place, flushes it and renames it: it appears whole or not at all.
struct FileWriter {
    private let handle: FileHandle
    /// Number of bytes written.
    private(set) var count = 0

    /// - Throws: `DatasetError` where the system refuses, or what `body` throws.
    static func write(to url: URL, _ body: (inout FileWriter) throws -> Void) throws {
        try atomically(to: url) { temporary in
            guard FileManager.default.createFile(atPath: temporary.path, contents: nil) else {
                throw DatasetError("the file cannot be written: \(String(cString: strerror(errno)))", source: url.path)
            }
            do {
                var writer = FileWriter(handle: try FileHandle(forWritingTo: temporary))
                defer { try? writer.handle.close() }
                try body(&writer)
            } catch let error where !(error is DatasetError) {
                throw DatasetError("the file cannot be written: \(error.systemReason)", source: url.path)
            }
        }
    }

    /// Calls `make` with a place beside that of the file, and moves what is there afterwards.
    static func atomically(to url: URL, _ make: (URL) throws -> Void) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
            throw DatasetError("the file cannot be written: it is a folder", source: url.path)
        }
        let temporary = url.deletingLastPathComponent().appendingPathComponent(".tmp-\(UUID().uuidString)")
        do {
            try make(temporary)
            let handle = try FileHandle(forUpdating: temporary)
            try handle.synchronize()
            try handle.close()
            guard rename(temporary.path, url.path) == 0 else {
                throw DatasetError("the file cannot be written: \(String(cString: strerror(errno)))", source: url.path)
            }
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            guard error is DatasetError else { throw DatasetError("the file cannot be written: \(error.systemReason)", source: url.path) }
            throw error
        }
    }

    mutating func append(_ bytes: [UInt8]) throws {
        try handle.write(contentsOf: Data(bytes))
        count += bytes.count
    }
}
