import Foundation
import JSON

/// The field's cache on disk, which the hub's own Python library shares:
///
/// ```
/// models--owner--name/refs/main              the commit that a branch or tag stood for
/// models--owner--name/snapshots/<commit>/…   links to ../../blobs/<etag>
/// models--owner--name/blobs/<etag>           contents; <etag>.incomplete while they come
/// models--owner--name/.no_exist/<commit>/…   empty: the commit has no such file
/// models--owner--name/trees/<commit>.json    the commit's files
/// .locks/models--owner--name/<etag>.lock
/// ```
struct HubCache {
    let folder: URL

    func folder(of repository: Repository) -> URL { folder.appendingPathComponent(repository.folderName, isDirectory: true) }

    func snapshot(_ commit: String, of repository: Repository) -> URL {
        folder(of: repository).appendingPathComponent("snapshots", isDirectory: true).appendingPathComponent(commit, isDirectory: true)
    }

    func blob(_ etag: String, of repository: Repository) -> URL {
        folder(of: repository).appendingPathComponent("blobs", isDirectory: true).appendingPathComponent(etag)
    }

    // MARK: Branches and tags

    static func isCommit(_ revision: String) -> Bool {
        revision.utf8.count == 40 && revision.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }

    /// The commit that a revision stands for, as far as the cache knows.
    func commit(of revision: String, in repository: Repository) -> String? {
        if Self.isCommit(revision) { return revision }
        let text = try? String(contentsOf: reference(revision, in: repository), encoding: .utf8)
        return text.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap { Self.isCommit($0) ? $0 : nil }
    }

    func note(_ commit: String, for revision: String, in repository: Repository) throws {
        guard revision != commit, self.commit(of: revision, in: repository) != commit else { return }
        try write(Data(commit.utf8), to: reference(revision, in: repository))
    }

    private func reference(_ revision: String, in repository: Repository) -> URL {
        folder(of: repository).appendingPathComponent("refs", isDirectory: true).appendingPathComponent(revision)
    }

    // MARK: Files of a commit

    func noteMissing(_ path: String, at commit: String, in repository: Repository) throws {
        try write(Data(), to: missing(path, at: commit, in: repository))
    }

    func isKnownMissing(_ path: String, at commit: String, in repository: Repository) -> Bool {
        Self.exists(missing(path, at: commit, in: repository))
    }

    private func missing(_ path: String, at commit: String, in repository: Repository) -> URL {
        folder(of: repository).appendingPathComponent(".no_exist", isDirectory: true).appendingPathComponent(commit)
            .appendingPathComponent(path)
    }

    /// The files of a commit, where they were listed once.
    func tree(of commit: String, in repository: Repository) -> [RemoteFile]? {
        guard let data = try? Data(contentsOf: treeURL(commit, of: repository)),
            case .object(let object)? = try? JSONValue.parse([UInt8](data)), case .object(let files)? = object["files"]
        else { return nil }
        let found = files.members.map { path, value in RemoteFile(path: path, cached: value) }
        return found.contains { $0 == nil } ? nil : found.compactMap { $0 }
    }

    func note(_ tree: [RemoteFile], of commit: String, in repository: Repository) throws {
        let files = JSONObject(members: tree.sorted { $0.path < $1.path }.map { ($0.path, $0.cacheEntry) })
        let value: JSONValue = ["format_version": 1, "files": .object(files)]
        try write(Data(value.serialized(JSONStyle(indentation: 1, sortsKeys: false)).utf8), to: treeURL(commit, of: repository))
    }

    private func treeURL(_ commit: String, of repository: Repository) -> URL {
        folder(of: repository).appendingPathComponent("trees", isDirectory: true).appendingPathComponent(commit + ".json")
    }

    /// Makes the file of a snapshot a link to a blob; where the disk knows no links, a copy.
    func link(_ path: String, at commit: String, to etag: String, in repository: Repository) throws {
        let pointer = snapshot(commit, of: repository).appendingPathComponent(path)
        if Self.exists(pointer) { return }
        let files = FileManager.default
        try Self.writing(pointer) {
            try files.createDirectory(at: pointer.deletingLastPathComponent(), withIntermediateDirectories: true)
            let up = String(repeating: "../", count: path.split(separator: "/").count + 1)
            let temporary = pointer.deletingLastPathComponent().appendingPathComponent(".tmp-\(UUID().uuidString)")
            do {
                try files.createSymbolicLink(atPath: temporary.path, withDestinationPath: up + "blobs/" + etag)
            } catch {
                try files.copyItem(at: blob(etag, of: repository), to: temporary)
            }
            guard rename(temporary.path, pointer.path) == 0 else {
                let problem = String(cString: strerror(errno))
                try? files.removeItem(at: temporary)
                throw HubError(.notWritten, pointer.path, problem)
            }
        }
    }

    // MARK: Disk

    /// Whether there is a file, or a link that leads to one.
    static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

    /// Writes a small file as a whole, with the folders that it needs.
    private func write(_ data: Data, to url: URL) throws {
        try Self.writing(url) {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url, options: .atomic)
        }
    }

    /// What `body` gives; that the disk refuses is said as an error about `url`.
    static func writing<Result>(_ url: URL, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as HubError {
            throw error
        } catch {
            throw HubError(.notWritten, url.path, "cannot be written: \(error.systemReason)")
        }
    }

    /// Runs `body` while no other process or thread fetches the same content.
    func locked<Result>(_ etag: String, of repository: Repository, _ body: () throws -> Result) throws -> Result {
        let url = folder.appendingPathComponent(".locks", isDirectory: true).appendingPathComponent(repository.folderName)
            .appendingPathComponent(etag + ".lock")
        let descriptor = try Self.writing(url) {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw HubError(.notWritten, url.path, "cannot be written: \(String(cString: strerror(errno)))") }
            return descriptor
        }
        // Closing it opens the lock.
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw HubError(.notWritten, url.path, "cannot be locked: \(String(cString: strerror(errno)))") }
        }
        return try body()
    }
}
