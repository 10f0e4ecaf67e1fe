import Foundation

/// Keeps others from writing into a folder, as long as it lives.
///
/// It holds between processes and within one, and ends with the process. A file system that knows no locks lets everybody in.
public final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Returns: nil where somebody else holds the folder.
    /// - Throws: ``ModelFileError`` for a folder that cannot be opened.
    public init?(_ folder: URL) throws {
        guard let descriptor = SystemCalls.openForReading(folder.path) else {
            throw ModelFileError(.unreadable, file: folder.path, problem: "cannot be opened: \(SystemCalls.lastProblem)")
        }
        self.descriptor = descriptor
        guard SystemCalls.lock(descriptor) else { return nil }
    }

    deinit { _ = SystemCalls.closeDescriptor(descriptor) }
}
