import Foundation
import Requirements

/// A file in the cache folder that has no name: it is gone with the process, however that ends.
final class SideFile: Sendable {
    let descriptor: Int32

    /// - Throws: `DatasetError` if the folder cannot be written to.
    init() throws {
        let folder = CacheFolder.url
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw DatasetError("the cache folder cannot be made: \(error.systemReason)", source: folder.path)
        }
        var name = Array(folder.appendingPathComponent(".texts-XXXXXX").path.utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else {
            throw DatasetError("the cache folder cannot be written to: \(String(cString: strerror(errno)))", source: folder.path)
        }
        unlink(name)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Whether all elements could be written.
    func write<Element: BitwiseCopyable>(_ elements: [Element], at offset: Int) -> Bool {
        elements.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    /// Fills a buffer.
    ///
    /// - Precondition: So many bytes were written.
    func read(_ offset: Int, into buffer: UnsafeMutableBufferPointer<UInt8>) {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            require(count > 0, "the disk gives no more of a file in \(CacheFolder.url.path): \(String(cString: strerror(errno)))")
            done += count
        }
    }

    func bytes(_ range: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            read(range.lowerBound, into: UnsafeMutableBufferPointer(rebasing: buffer[..<range.count]))
            count = range.count
        }
    }
}
