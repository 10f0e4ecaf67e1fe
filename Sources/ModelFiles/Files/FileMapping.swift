import Foundation

/// A file's bytes in memory, mapped rather than read: pages are loaded when they are first touched.
///
/// The mapping shows the file as it was opened as long as nobody writes into that same file. Replacing it by
/// renaming another one over it, as everything in this module does, leaves the mapping intact; cutting the
/// file short while it is mapped makes the system end the process.
final class FileMapping: @unchecked Sendable {
    // Unchecked because of the raw pointer. It never changes, and the bytes behind it are written only through
    // pointers whose user vouches for exclusive access.

    /// The whole file; `nil` base for an empty one. Writable in memory if mapped copy-on-write.
    let mutableBytes: UnsafeMutableRawBufferPointer

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(mutableBytes) }

    /// - Throws: ``ModelFileError``: the file is missing, unreadable, or no regular file.
    init(contentsOf url: URL, access: FileAccess) throws {
        let path = url.path
        guard let descriptor = SystemCalls.openForReading(path) else {
            throw ModelFileError(
                SystemCalls.lastErrorMeansMissing ? .missing : .unreadable, file: path,
                problem: "cannot be opened: \(SystemCalls.lastProblem)")
        }
        defer { _ = SystemCalls.closeDescriptor(descriptor) }
        guard let size = SystemCalls.regularFileSize(descriptor) else {
            throw ModelFileError(.unreadable, file: path, problem: "is not a regular file")
        }
        guard size > 0 else {
            mutableBytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            return
        }
        let protection = access == .readOnly ? PROT_READ : PROT_READ | PROT_WRITE
        let base = mmap(nil, size, protection, MAP_PRIVATE, descriptor, 0)
        guard let base, base != MAP_FAILED else {
            throw ModelFileError(
                .unreadable, file: path,
                problem: "its \(size) bytes cannot be mapped: \(SystemCalls.lastProblem)")
        }
        mutableBytes = UnsafeMutableRawBufferPointer(start: base, count: size)
    }

    deinit {
        if let base = mutableBytes.baseAddress { munmap(base, mutableBytes.count) }
    }
}

/// How a file is mapped into memory. In neither case can the file itself be changed.
public enum FileAccess: Sendable {
    /// Any write to the memory ends the process.
    case readOnly
    /// Memory may be written; the system then copies just the touched page. So weights can be trained in place:
    /// an optimizer pays for the pages it updates, and frozen ones stay shared with the file.
    case copyOnWrite
}
