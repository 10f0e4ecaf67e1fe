import Foundation

extension HubClient {
    /// Fetches one file into the cache, unless it is there.
    ///
    /// - Parameters:
    ///   - path: Its path in the repository.
    ///   - repository: The repository.
    ///   - revision: A branch, a tag or a commit.
    /// - Returns: The file in the cache; it is a link, and must not be written to.
    /// - Throws: `HubError`.
    public func download(_ path: String, of repository: Repository, revision: String = "main") throws -> URL {
        let subject = Subject(repository: repository, revision: revision, file: path)
        try Self.check(revision: revision, subject)
        guard RemoteFile.isSafe(path: path) else {
            throw HubError(.invalidArgument, repository.description, "\(path.debugDescription) is no path of a file")
        }
        func pointer(_ commit: String) -> URL { cache.snapshot(commit, of: repository).appendingPathComponent(path) }
        let known = cache.commit(of: revision, in: repository)
        if HubCache.isCommit(revision), HubCache.exists(pointer(revision)) { return pointer(revision) }
        if let known, HubCache.isCommit(revision) || settings.isOffline, cache.isKnownMissing(path, at: known, in: repository) {
            throw HubError(.entryNotFound, subject.description, "there is no such file")
        }
        let file: RemoteFile
        let commit: String
        do {
            (file, commit) = try metadata(path, of: repository, revision: revision, attempts: known == nil ? nil : 1)
        } catch let error as HubError where settings.isOffline || error.allowsCache {
            guard let known, HubCache.exists(pointer(known)) else { throw error }
            if !settings.isOffline { onNotice("\(error); what the cache has of it is used") }
            return pointer(known)
        }
        try fetch(file, at: commit, of: repository)
        try cache.note(commit, for: revision, in: repository)
        return pointer(commit)
    }

    /// Fetches the files of a repository into the cache, those that are not there.
    ///
    /// - Parameters:
    ///   - repository: The repository.
    ///   - revision: A branch, a tag or a commit.
    ///   - allowPatterns: Only files that match one: `*.json`, `1_Pooling/*`; nil: all. `*` stands for slashes, too.
    ///   - ignorePatterns: None of the files that match one.
    /// - Returns: The folder of the snapshot in the cache. Its files are links, and must not be written to.
    /// - Throws: `HubError`.
    public func snapshotDownload(
        _ repository: Repository, revision: String = "main", allowPatterns: [String]? = nil, ignorePatterns: [String] = []
    ) throws -> URL {
        let allowed = allowPatterns.map { $0.map { FilePattern($0, starsCrossSlashes: true) } }
        let ignored = ignorePatterns.map { FilePattern($0, starsCrossSlashes: true) }
        return try snapshotDownload(repository, revision: revision) { path in
            allowed?.contains { $0.matches(path) } ?? true && !ignored.contains { $0.matches(path) }
        }.folder
    }

    /// The same with a choice by paths.
    package func snapshotDownload(
        _ repository: Repository, revision: String, _ isWanted: (String) -> Bool
    ) throws -> (folder: URL, commit: String) {
        let snapshot = try snapshotOrCached(of: repository, revision: revision)
        return (try fetch(snapshot, of: repository, revision: revision, isWanted), snapshot.commit)
    }

    /// Puts the files of a snapshot that are wanted into the cache, and remembers what its revision stands for.
    ///
    /// - Returns: The folder of the snapshot.
    func fetch(
        _ snapshot: RepositorySnapshot, of repository: Repository, revision: String, _ isWanted: (String) -> Bool
    ) throws -> URL {
        let folder = cache.snapshot(snapshot.commit, of: repository)
        let missing = (snapshot.files ?? []).filter {
            isWanted($0.path) && !HubCache.exists(folder.appendingPathComponent($0.path))
        }
        if let first = missing.first, settings.isOffline {
            throw HubError(
                .notCached, repository.description,
                "the cache lacks \(missing.count) of its files, such as \(first.path), and HF_HUB_OFFLINE or localFilesOnly forbids asking")
        }
        for file in missing { try fetch(file, at: snapshot.commit, of: repository) }
        guard !settings.isOffline else { return folder }
        try HubCache.writing(folder) { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        try cache.note(snapshot.commit, for: revision, in: repository)
        if let files = snapshot.files { try cache.note(files, of: snapshot.commit, in: repository) }
        return folder
    }

    /// What the hub says of a file without sending it.
    private func metadata(
        _ path: String, of repository: Repository, revision: String, attempts: Int?
    ) throws -> (file: RemoteFile, commit: String) {
        let subject = Subject(repository: repository, revision: revision, file: path)
        var request = HTTPRequest("HEAD", fileURL(path, in: repository, revision: revision))
        request.headers = [("Accept-Encoding", "identity")]
        let response = try retrying(request, subject, attempts: attempts) {
            do {
                return try exchange(request, subject, onData: { _ in })
            } catch let failure as Failure {
                if failure.error.kind == .entryNotFound, let commit = failure.commit, HubCache.isCommit(commit) {
                    // Worth remembering, but no reason to fail.
                    try? cache.noteMissing(path, at: commit, in: repository)
                    try? cache.note(commit, for: revision, in: repository)
                }
                throw failure
            }
        }
        guard let commit = response["X-Repo-Commit"], HubCache.isCommit(commit) else {
            throw malformed(request.url, subject, "the answer names no commit; does HF_ENDPOINT lead to a hub?")
        }
        var etag = response["X-Linked-Etag"] ?? response["ETag"] ?? ""
        if etag.hasPrefix("W/") { etag.removeFirst(2) }
        etag = etag.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        let isHere = (200..<300).contains(response.status)
        guard let size = (response["X-Linked-Size"] ?? (isHere ? response["Content-Length"] : nil)).flatMap({ Int($0) }), size >= 0,
            RemoteFile.isSafe(etag: etag)
        else { throw malformed(request.url, subject, "the answer names no size or checksum of the file") }
        return (RemoteFile(path: path, size: size, etag: etag, blobID: etag), commit)
    }

    // MARK: Contents

    /// Puts a file into the cache: its content under the content's name, and a link to it in the snapshot.
    private func fetch(_ file: RemoteFile, at commit: String, of repository: Repository) throws {
        let blob = cache.blob(file.etag, of: repository)
        if !HubCache.exists(blob) {
            try cache.locked(file.etag, of: repository) {
                if !HubCache.exists(blob) { try receive(file, at: commit, of: repository, into: blob) }
            }
        }
        try cache.link(file.path, at: commit, to: file.etag, in: repository)
    }

    /// Receives a content, going on where an earlier attempt broke off, checks it, and gives it its name.
    private func receive(_ file: RemoteFile, at commit: String, of repository: Repository, into blob: URL) throws {
        let partial = URL(fileURLWithPath: blob.path + ".incomplete")
        try HubCache.writing(partial) {
            try FileManager.default.createDirectory(at: blob.deletingLastPathComponent(), withIntermediateDirectories: true)
            if !HubCache.exists(partial) { try Data().write(to: partial) }
        }
        let subject = Subject(repository: repository, revision: commit, file: file.path)
        let began = Self.size(of: partial)
        try transfer(file, at: commit, of: repository, into: partial, subject)
        if !(try isIntact(partial, file)) {
            // What was there before may have been another's: once more from the start.
            try HubCache.writing(partial) { try Data().write(to: partial) }
            if began > 0 { try transfer(file, at: commit, of: repository, into: partial, subject) }
            guard began > 0, try isIntact(partial, file) else {
                try? FileManager.default.removeItem(at: partial)
                throw HubError(
                    .checksumMismatch, subject.description,
                    "what came is not what the hub says the file holds (\(file.size) bytes, \(file.etag)); nothing of it is kept, try again"
                )
            }
        }
        guard rename(partial.path, blob.path) == 0 else {
            throw HubError(.notWritten, blob.path, "cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    private static func size(of file: URL) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0
    }

    private func isIntact(_ partial: URL, _ file: RemoteFile) throws -> Bool {
        guard Self.size(of: partial) == file.size else { return false }
        switch file.etag.utf8.count {
        case 64: return try Digest.ofFile(partial, .sha256) == file.etag
        case 40: return try Digest.ofFile(partial, .sha1) == file.etag
        default: return true
        }
    }

    /// Appends to `partial` until it is as long as the file; each attempt that brings something gives back the full number.
    private func transfer(_ file: RemoteFile, at commit: String, of repository: Repository, into partial: URL, _ subject: Subject) throws {
        if Self.size(of: partial) > file.size { try HubCache.writing(partial) { try Data().write(to: partial) } }
        let output = try HubCache.writing(partial) { try FileHandle(forWritingTo: partial) }
        defer { try? output.close() }
        var done = Int(try HubCache.writing(partial) { try output.seekToEnd() })
        var (failures, delay) = (0, settings.firstDelay)
        // A file without content needs no request.
        while done < file.size {
            let before = done
            var request = HTTPRequest("GET", fileURL(file.path, in: repository, revision: commit))
            request.headers = [("Accept-Encoding", "identity")]
            if done > 0 { request.headers.append(("Range", "bytes=\(done)-")) }
            do {
                _ = try exchange(
                    request, subject,
                    onResponse: { response in
                        // The whole file, although only its end was asked for.
                        let isRest = response.status == 206 && response["Content-Range"]?.hasPrefix("bytes \(done)-") == true
                        if done > 0 && !isRest {
                            done = 0
                            try HubCache.writing(partial) { try output.truncate(atOffset: 0) }
                        }
                    },
                    onData: { data in
                        guard done + data.count <= file.size else {
                            throw HubError(
                                .checksumMismatch, subject.description, "more bytes came than the \(file.size) that the hub says it holds")
                        }
                        try HubCache.writing(partial) { try output.write(contentsOf: data) }
                        done += data.count
                        onProgress?(file.path, done, file.size)
                    })
                if done < file.size {
                    throw Failure(
                        error: HubError(.connection, subject.description, "the connection ended after \(done) of \(file.size) bytes"),
                        mayPass: true)
                }
            } catch let failure as Failure {
                if done > before { (failures, delay) = (0, settings.firstDelay) }
                failures += 1
                if failure.error.status == 416 {
                    done = 0
                    try HubCache.writing(partial) { try output.truncate(atOffset: 0) }
                } else if !failure.mayPass {
                    throw failure.error
                }
                guard failures < settings.attempts else { throw failure.error }
                wait(failure.retryAfter ?? delay)
                delay *= 2
            }
        }
        try HubCache.writing(partial) { try output.synchronize() }
    }
}
