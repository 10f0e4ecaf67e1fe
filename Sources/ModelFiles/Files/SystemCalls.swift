import Foundation

/// The few system calls that Foundation does not offer, with their errors made ours.
enum SystemCalls {
    /// The system's sentence for the last failed call on this thread.
    static var lastProblem: String { String(cString: strerror(errno)) }

    static var lastErrorMeansMissing: Bool { errno == ENOENT }

    /// - Returns: A descriptor, or nil with the reason in `lastProblem`.
    static func openForReading(_ path: String) -> Int32? {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        descriptor { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    }

    /// Creates a file that must not exist.
    static func createForWriting(_ path: String) -> Int32? {
        descriptor { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    }

    /// The size of a regular file in bytes; nil when it is a folder, a pipe or a device.
    static func regularFileSize(_ descriptor: Int32) -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Writes everything, however many calls it takes.
    ///
    /// - Returns: False when the system refused, with the reason in `lastProblem`.
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            if written <= 0 { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }

    /// Locks an open file or folder for this descriptor alone.
    ///
    /// - Returns: False where another descriptor holds it.
    static func lock(_ descriptor: Int32) -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }

    static func synchronize(_ descriptor: Int32) -> Bool { fsync(descriptor) == 0 }

    static func closeDescriptor(_ descriptor: Int32) -> Bool { close(descriptor) == 0 }

    static func renameItem(_ source: String, to destination: String) -> Bool {
        rename(source, destination) == 0
    }

    static func removeFile(_ path: String) -> Bool { unlink(path) == 0 }

    /// Makes the names in a folder durable. Some file systems cannot do that; the files' content is safe anyway.
    static func synchronizeFolder(_ path: String) {
        guard let folder = descriptor({ open(path, O_RDONLY | O_CLOEXEC) }) else { return }
        _ = fsync(folder)
        _ = close(folder)
    }

    private static func descriptor(_ open: () -> Int32) -> Int32? {
        while true {
            let result = open()
            if result >= 0 { return result }
            if errno != EINTR { return nil }
        }
    }
}
