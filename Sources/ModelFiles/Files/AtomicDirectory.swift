import Foundation

/// Writes whole folders that appear complete or not at all.
public enum AtomicDirectory {
    /// Lets `body` fill a temporary folder beside the target, then renames it into place.
    ///
    /// On any failure nothing new is left behind (parents made on the way included), and what was there before
    /// is untouched. Replacing an existing folder replaces it as a whole: files that `body` does not write are
    /// gone. It takes two renames; a process killed exactly between them leaves the new folder complete under
    /// its temporary name, `.tmp-…`, and the old one as `.old-…`.
    ///
    /// - Parameters:
    ///   - url: The target. Missing parents are created.
    ///   - allowingExisting: Whether a non-empty folder may be replaced. An empty one always may.
    ///   - body: Fills the folder that it is given; what it throws is passed on.
    /// - Throws: ``ModelFileError`` of kind `alreadyExists` or `notWritten`.
    public static func replaceDirectory(
        at url: URL, allowingExisting: Bool, _ body: (URL) throws -> Void
    ) throws {
        // A link stays a link: the folder that it points to is replaced.
        let target = url.resolvingSymlinksInPath().standardizedFileURL
        let exists = try checkTarget(target, allowingExisting: allowingExisting)
        let parent = target.deletingLastPathComponent()
        let createdParent = try createMissingParents(of: target)
        let temporary = parent.appendingPathComponent("\(temporaryPrefix)\(UUID().uuidString)", isDirectory: true)
        do {
            try createFolder(temporary, for: target)
            try body(temporary)
            SystemCalls.synchronizeFolder(temporary.path)
            try moveIntoPlace(temporary, target, replacing: exists)
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            if let createdParent { try? FileManager.default.removeItem(at: createdParent) }
            throw error
        }
        SystemCalls.synchronizeFolder(parent.path)
    }

    /// Deletes a folder so that it is whole or gone: it is renamed before anything in it is deleted.
    ///
    /// - Throws: ``ModelFileError`` of kind `notWritten`.
    public static func remove(_ url: URL) throws {
        let retired = url.deletingLastPathComponent().appendingPathComponent("\(retiredPrefix)\(UUID().uuidString)")
        guard SystemCalls.renameItem(url.path, to: retired.path) else {
            throw ModelFileError(.notWritten, file: url.path, problem: "the folder cannot be moved away: \(SystemCalls.lastProblem)")
        }
        do {
            try FileManager.default.removeItem(at: retired)
        } catch {
            throw ModelFileError(
                .notWritten, file: url.path,
                problem: "the folder, now \(retired.path), cannot be removed: " + error.localizedDescription)
        }
    }

    /// Deletes what a process that was killed has left half-written, or half-deleted, in a folder. Nobody else may be writing there.
    public static func removeRemains(in folder: URL) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name.hasPrefix(temporaryPrefix) || name.hasPrefix(retiredPrefix) {
            try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }

    private static let (temporaryPrefix, retiredPrefix) = (".tmp-", ".old-")

    /// - Returns: Whether the target exists.
    private static func checkTarget(_ target: URL, allowingExisting: Bool) throws -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: target.path, isDirectory: &isFolder) else { return false }
        guard isFolder.boolValue else {
            throw ModelFileError(
                .alreadyExists, file: target.path,
                problem:
                    "a folder is to be written here, but a file of this name exists; choose another name")
        }
        let content: [String]
        do {
            content = try FileManager.default.contentsOfDirectory(atPath: target.path)
        } catch {
            throw ModelFileError(
                .unreadable, file: target.path,
                problem: "the folder cannot be listed: \(error.localizedDescription)")
        }
        if content.isEmpty { return true }
        guard allowingExisting else {
            throw ModelFileError(
                .alreadyExists, file: target.path,
                problem:
                    "the folder exists and holds \(content.count) item(s); choose another one, empty it, or allow "
                    + "explicitly that it is replaced")
        }
        // Replacing deletes what was there: never the folder one stands in, a parent of it, or the home folder.
        let protected = [FileManager.default.currentDirectoryPath, NSHomeDirectory()]
        for path in protected {
            let components = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL
                .pathComponents
            if components.starts(with: target.pathComponents) {
                throw ModelFileError(
                    .alreadyExists, file: target.path,
                    problem:
                        "replacing this folder would delete \(path) with all that it holds; choose another one")
            }
        }
        return true
    }

    /// - Returns: The topmost folder that had to be made, if any.
    private static func createMissingParents(of target: URL) throws -> URL? {
        var missing: [URL] = []
        var folder = target.deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
            missing.append(folder)
            folder = folder.deletingLastPathComponent()
        }
        guard let topmost = missing.last else { return nil }
        do {
            for folder in missing.reversed() { try createFolder(folder, for: target) }
        } catch {
            try? FileManager.default.removeItem(at: topmost)
            throw error
        }
        return topmost
    }

    private static func createFolder(_ folder: URL, for target: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        } catch {
            throw ModelFileError(
                .notWritten, file: target.path,
                problem:
                    "no folder can be created in \(folder.deletingLastPathComponent().path): "
                    + error.localizedDescription)
        }
    }

    private static func moveIntoPlace(_ temporary: URL, _ target: URL, replacing: Bool) throws {
        let retired = target.deletingLastPathComponent().appendingPathComponent("\(retiredPrefix)\(UUID().uuidString)")
        if replacing, !SystemCalls.renameItem(target.path, to: retired.path) {
            throw ModelFileError(
                .notWritten, file: target.path,
                problem:
                    "the old folder cannot be moved away: \(SystemCalls.lastProblem)")
        }
        guard SystemCalls.renameItem(temporary.path, to: target.path) else {
            let problem = SystemCalls.lastProblem
            if replacing, !SystemCalls.renameItem(retired.path, to: target.path) {
                throw ModelFileError(
                    .notWritten, file: target.path,
                    problem:
                        "the new folder cannot be renamed into place: \(problem); the old one is now \(retired.path)")
            }
            throw ModelFileError(
                .notWritten, file: target.path,
                problem:
                    "the new folder cannot be renamed into place: \(problem)")
        }
        guard replacing else { return }
        do {
            try FileManager.default.removeItem(at: retired)
        } catch {
            throw ModelFileError(
                .notWritten, file: target.path,
                problem:
                    "the new folder is in place, but the old one, now \(retired.path), cannot be removed: "
                    + error.localizedDescription)
        }
    }
}
