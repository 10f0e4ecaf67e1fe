import Foundation

/// Writes files that appear complete or not at all.
///
/// The bytes go to a temporary file in the same folder, which is flushed to disk and renamed over the old file.
/// On any failure the temporary file is removed and the old one is untouched.
public enum AtomicFile {
    /// Writes a text.
    ///
    /// - Throws: ``ModelFileError``.
    public static func write(_ text: String, to url: URL) throws {
        try write([UInt8](text.utf8), to: url)
    }

    /// Writes bytes.
    ///
    /// - Throws: ``ModelFileError``.
    public static func write(_ bytes: [UInt8], to url: URL) throws {
        try write(to: url) { sink in try bytes.withUnsafeBytes(sink.append) }
    }

    /// Says no at once where a file could not be written: before the work for its content.
    ///
    /// - Throws: ``ModelFileError`` of kind `notWritten`.
    public static func checkWritable(_ url: URL) throws {
        struct Enough: Error {}
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
            throw ModelFileError(.notWritten, file: url.path, problem: "it is a folder")
        }
        do { try write(to: url) { _ in throw Enough() } } catch is Enough {}
    }

    /// - Parameters:
    ///   - url: The file.
    ///   - body: Appends the content, in as many pieces as it likes; what it throws is passed on.
    /// - Throws: ``ModelFileError`` of kind `notWritten` when the system refuses (disk full, no permission …).
    public static func write(to url: URL, _ body: (AtomicFileSink) throws -> Void) throws {
        let folder = url.deletingLastPathComponent().path
        let temporary = URL(fileURLWithPath: folder).appendingPathComponent(".tmp-\(UUID().uuidString)").path
        guard let descriptor = SystemCalls.createForWriting(temporary) else {
            throw ModelFileError(
                .notWritten, file: url.path,
                problem:
                    "no file can be created in the folder \(folder): \(SystemCalls.lastProblem)")
        }
        var isOpen = true
        do {
            let sink = AtomicFileSink(descriptor: descriptor, file: url.path)
            try body(sink)
            guard SystemCalls.synchronize(descriptor) else { throw sink.failure("flushing it") }
            isOpen = false
            guard SystemCalls.closeDescriptor(descriptor) else { throw sink.failure("closing it") }
            guard SystemCalls.renameItem(temporary, to: url.path) else { throw sink.failure("renaming it") }
        } catch {
            if isOpen { _ = SystemCalls.closeDescriptor(descriptor) }
            _ = SystemCalls.removeFile(temporary)
            throw error
        }
        SystemCalls.synchronizeFolder(folder)
    }
}

/// Where the content of a file under construction goes.
public struct AtomicFileSink {
    let descriptor: Int32
    let file: String

    /// Appends bytes to the file.
    public func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard SystemCalls.writeAll(bytes, to: descriptor) else {
            throw failure("writing \(bytes.count) bytes")
        }
    }

    /// Writes bytes after those before.
    ///
    /// - Throws: ``ModelFileError``.
    public func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes(append) }

    /// Appends what `withBytes` hands over, as long as it is no more than `size` bytes in all.
    ///
    /// - Returns: The number of bytes handed over.
    func append(
        upTo size: Int, _ withBytes: (_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> Int {
        var count = 0
        try withBytes { bytes in
            count += bytes.count
            if count <= size { try append(bytes) }
        }
        return count
    }

    /// To be called right after the failed call, while the system still knows its reason.
    func failure(_ action: String) -> ModelFileError {
        let problem = SystemCalls.lastProblem
        return ModelFileError(.notWritten, file: file, problem: "\(action) failed: \(problem)")
    }
}
