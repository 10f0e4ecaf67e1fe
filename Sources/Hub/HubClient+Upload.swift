import Foundation
import JSON

/// A commit that was made, or the one that holds all that was to be committed already.
public struct CommitInfo: Sendable, Equatable {
    /// Where people see it.
    public let url: String
    /// Its hash.
    public let oid: String
    /// Where people see the pull request that was opened; nil where none was.
    public let pullRequestURL: String?
    /// Whether anything was committed: nothing is where the repository holds all of it already.
    public let isNew: Bool
}

extension HubClient {
    /// Makes a repository.
    ///
    /// - Parameters:
    ///   - repository: One without an owner belongs to the token's user.
    ///   - isPrivate: Nil: as the owner's settings say.
    ///   - allowingExisting: Whether one that exists is as good.
    /// - Returns: The repository with its owner.
    /// - Throws: `HubError`.
    @discardableResult
    public func createRepository(_ repository: Repository, isPrivate: Bool? = nil, allowingExisting: Bool = false) throws -> Repository {
        let parts = repository.id.split(separator: "/").map(String.init)
        var body: JSONObject = [
            "name": .string(parts.last!), "organization": parts.count > 1 ? .string(parts[0]) : .null,
            "type": .string(repository.kind.rawValue),
        ]
        if let isPrivate { body["visibility"] = isPrivate ? "private" : "public" }
        let subject = Subject(repository: repository)
        let request = request("POST", url("api/repos/create"), json: .object(body))
        do {
            guard case .object(let answer) = try json(request, subject).value, case .string(let address)? = answer["url"],
                let path = URL(string: address)?.path
            else { throw malformed(request.url, subject, "the answer names no repository") }
            let id = path.split(separator: "/").suffix(2).joined(separator: "/")
            return try Repository(id, kind: repository.kind)
        } catch let error as HubError where error.kind == .conflict {
            guard allowingExisting else {
                throw HubError(
                    .conflict, repository.description, "the repository exists already; choose another name, or allow that it is added to",
                    status: error.status)
            }
            return parts.count > 1 ? repository : try Repository("\(userName())/\(repository.id)", kind: repository.kind)
        }
    }

    /// The name of the token's user.
    func userName() throws -> String {
        let subject = Subject()
        let request = HTTPRequest("GET", url("api/whoami-v2"))
        guard case .object(let answer) = try json(request, subject).value, case .string(let name)? = answer["name"] else {
            throw malformed(request.url, subject, "the answer names no user")
        }
        return name
    }

    /// Makes a branch at the end of `main`, unless there is one.
    ///
    /// - Throws: `HubError`.
    public func createBranch(_ name: String, of repository: Repository) throws {
        let subject = Subject(repository: repository, revision: name)
        try Self.check(revision: name, subject)
        do {
            _ = try answer(request("POST", apiURL(repository, "branch/" + Self.encoded(name)), json: [:]), subject)
        } catch let error as HubError where error.kind == .conflict {}
    }

    /// Commits the files of a folder, as one commit. Files that the repository holds already are left out, and nothing is
    /// committed where it holds all of them.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - repository: The repository, which has to exist.
    ///   - pathInRepository: The folder there that the files go into; empty: the root.
    ///   - revision: The branch.
    ///   - message: The first line of the commit's message.
    ///   - description: What follows it.
    ///   - createsPullRequest: Opens a pull request with it.
    ///   - ignorePatterns: Paths in the folder that are left out, besides `.git` and `.cache`; `*` stands for slashes, too.
    /// - Returns: The commit.
    /// - Throws: `HubError`.
    @discardableResult
    public func uploadFolder(
        _ folder: URL, to repository: Repository, pathInRepository: String = "", revision: String = "main", message: String,
        description: String = "", createsPullRequest: Bool = false, ignorePatterns: [String] = []
    ) throws -> CommitInfo {
        let ignored = ([".git/", "*/.git/", ".cache/", "*/.cache/"] + ignorePatterns).map { FilePattern($0, starsCrossSlashes: true) }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue,
            let paths = FileManager.default.enumerator(atPath: folder.path)
        else {
            throw HubError(.invalidArgument, folder.path, "there is no such folder")
        }
        var files: [LocalFile] = []
        for case let path as String in paths where !ignored.contains(where: { $0.matches(path) }) {
            var isFolder: ObjCBool = false
            let url = folder.appendingPathComponent(path)
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
            let target = pathInRepository.isEmpty ? path : pathInRepository + "/" + path
            guard RemoteFile.isSafe(path: target) else {
                throw HubError(.invalidArgument, url.path, "cannot be the name of a file at the hub")
            }
            files.append(LocalFile(path: target, url: url.resolvingSymlinksInPath()))
        }
        guard !files.isEmpty else { throw HubError(.invalidArgument, folder.path, "holds no file to upload") }
        files.sort { $0.path < $1.path }
        return try commit(
            files, to: repository, revision: revision, message: message, description: description, createsPullRequest: createsPullRequest)
    }

    // MARK: Steps

    /// A file to commit, and what the hub wants done with it.
    private struct LocalFile {
        let path: String
        let url: URL
        var size = 0
        var isLarge = false
        /// The SHA-256 of a large one, Git's name of any other.
        var oid = ""
        var isUnchanged = false
    }

    private func commit(
        _ files: [LocalFile], to repository: Repository, revision: String, message: String, description: String, createsPullRequest: Bool
    ) throws -> CommitInfo {
        let subject = Subject(repository: repository, revision: revision)
        try Self.check(revision: revision, subject)
        let query = createsPullRequest ? [("create_pr", "1")] : []
        let changed = try modes(of: files, in: repository, revision: revision, query: query).filter { !$0.isUnchanged }
        guard !changed.isEmpty else {
            let commit = try resolve(revision, in: repository)
            return CommitInfo(
                url: "\(settings.endpoint)/\(repository)/commit/\(commit)", oid: commit, pullRequestURL: nil, isNew: false)
        }
        try uploadLarge(changed.filter(\.isLarge), to: repository, revision: revision)
        var lines: [JSONValue] = [
            ["key": "header", "value": ["summary": .string(message), "description": .string(description)]]
        ]
        for file in changed {
            if file.isLarge {
                lines.append([
                    "key": "lfsFile",
                    "value": ["path": .string(file.path), "algo": "sha256", "oid": .string(file.oid), "size": .integer(file.size)],
                ])
            } else {
                let content = try Self.content(of: file.url).base64EncodedString()
                lines.append(["key": "file", "value": ["content": .string(content), "path": .string(file.path), "encoding": "base64"]])
            }
        }
        var request = HTTPRequest("POST", apiURL(repository, "commit/" + Self.encoded(revision), query: query))
        request.headers = [("Content-Type", "application/x-ndjson")]
        request.body = .data(Data(lines.map { $0.serialized(.compact) + "\n" }.joined().utf8))
        guard case .object(let answer) = try json(request, subject).value, case .string(let url)? = answer["commitUrl"],
            case .string(let oid)? = answer["commitOid"]
        else { throw malformed(request.url, subject, "the answer names no commit") }
        var pullRequest: String?
        if createsPullRequest, case .string(let address)? = answer["pullRequestUrl"] { pullRequest = address }
        return CommitInfo(url: url, oid: oid, pullRequestURL: pullRequest, isNew: true)
    }

    private static let filesPerQuestion = 256

    /// Asks which files are large, which the repository holds already, and which it does not want.
    private func modes(
        of files: [LocalFile], in repository: Repository, revision: String, query: [(String, String)]
    ) throws -> [LocalFile] {
        let subject = Subject(repository: repository, revision: revision)
        var result: [LocalFile] = []
        for start in stride(from: 0, to: files.count, by: Self.filesPerQuestion) {
            var part = Array(files[start..<min(start + Self.filesPerQuestion, files.count)])
            var entries: [JSONValue] = []
            for i in part.indices {
                let (size, sample) = try Self.sample(of: part[i].url)
                part[i].size = size
                entries.append([
                    "path": .string(part[i].path), "sample": .string(sample.base64EncodedString()), "size": .integer(size),
                ])
            }
            let request = request(
                "POST", apiURL(repository, "preupload/" + Self.encoded(revision), query: query), json: ["files": .array(entries)])
            guard case .object(let answer) = try json(request, subject).value, case .array(let listed)? = answer["files"] else {
                throw malformed(request.url, subject, "the answer does not say how files are uploaded")
            }
            var modes: [String: JSONObject] = [:]
            for case .object(let entry) in listed { if case .string(let path)? = entry["path"] { modes[path] = entry } }
            for var file in part {
                guard let entry = modes[file.path], case .string(let mode)? = entry["uploadMode"], ["lfs", "regular"].contains(mode) else {
                    throw malformed(request.url, subject, "the answer does not say how \(file.path) is uploaded")
                }
                if entry["shouldIgnore"] == .bool(true) { continue }
                // The storage takes nothing that is empty.
                file.isLarge = mode == "lfs" && file.size > 0
                file.oid = try Self.reading(file.url) { try Digest.ofFile(file.url, file.isLarge ? .sha256 : .sha1) }
                file.isUnchanged = entry["oid"] == .string(file.oid)
                result.append(file)
            }
        }
        return result
    }

    /// Brings large files to the storage; those that it has already, of this upload or an earlier one, are not sent.
    private func uploadLarge(_ files: [LocalFile], to repository: Repository, revision: String) throws {
        let subject = Subject(repository: repository, revision: revision)
        for start in stride(from: 0, to: files.count, by: Self.filesPerQuestion) {
            let part = files[start..<min(start + Self.filesPerQuestion, files.count)]
            var unique: [String: LocalFile] = [:]
            for file in part { unique[file.oid] = file }
            let objects = unique.values.sorted { $0.path < $1.path }.map {
                ["oid": .string($0.oid), "size": .integer($0.size)] as JSONValue
            }
            var request = request(
                "POST", url("\(repository.prefix)\(repository.id).git/info/lfs/objects/batch"),
                json: [
                    "operation": "upload", "transfers": ["basic", "multipart"], "objects": .array(objects), "hash_algo": "sha256",
                    "ref": ["name": .string(revision)],
                ], type: "application/vnd.git-lfs+json")
            request.headers.append(("Accept", "application/vnd.git-lfs+json"))
            guard case .object(let answer) = try json(request, subject).value, case .array(let listed)? = answer["objects"] else {
                throw malformed(request.url, subject, "the answer does not say where files go")
            }
            var answered = Set<String>()
            for case .object(let entry) in listed {
                guard case .string(let oid)? = entry["oid"], let file = unique[oid] else { continue }
                answered.insert(oid)
                if case .object(let problem)? = entry["error"] {
                    var words = "no reason is given"
                    if case .string(let text)? = problem["message"] { words = text }
                    throw HubError(.badRequest, subject.description, "the storage refuses \(file.path): \(words)")
                }
                guard case .object(let actions)? = entry["actions"] else { continue }
                try upload(file, actions, Subject(repository: repository, revision: revision, file: file.path))
            }
            if let forgotten = unique.values.first(where: { !answered.contains($0.oid) }) {
                throw malformed(request.url, subject, "the answer does not say where \(forgotten.path) goes")
            }
        }
    }

    /// Sends one large file as the storage wants it: as a whole, or in parts.
    private func upload(_ file: LocalFile, _ actions: JSONObject, _ subject: Subject) throws {
        guard case .object(let action)? = actions["upload"], let target = Self.address(action) else {
            throw malformed(settings.endpoint, subject, "the storage's answer has no address to upload to")
        }
        var headers = JSONObject()
        if case .object(let object)? = action["header"] { headers = object }
        if let size = headers["chunk_size"] {
            try uploadParts(of: file, size, headers, completion: target, subject)
        } else {
            var request = HTTPRequest("PUT", target)
            request.body = .file(file.url)
            request.headers = [("Content-Type", "application/octet-stream")]
            for case (let name, .string(let value)) in headers.members where name.lowercased() != "authorization" || isHub(target) {
                request.headers.append((name, value))
            }
            _ = try answer(request, subject)
            onProgress?(file.path, file.size, file.size)
        }
        guard case .object(let verification)? = actions["verify"] else { return }
        guard let address = Self.address(verification) else {
            throw malformed(settings.endpoint, subject, "the storage's answer has no address to verify at")
        }
        _ = try answer(request("POST", address, json: ["oid": .string(file.oid), "size": .integer(file.size)]), subject)
    }

    private static func address(_ action: JSONObject) -> URL? {
        guard case .string(let text)? = action["href"], let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased())
        else { return nil }
        return url
    }

    /// Parts of equal size go to addresses of their own; their checksums, as the storage tells them, complete the upload.
    private func uploadParts(of file: LocalFile, _ size: JSONValue, _ headers: JSONObject, completion: URL, _ subject: Subject) throws {
        var chunk: Int?
        if case .integer(let number) = size { chunk = number } else if case .string(let text) = size { chunk = Int(text) }
        let targets = headers.members.compactMap { name, value -> (number: Int, url: URL)? in
            guard let number = Int(name), case .string(let text) = value, let url = URL(string: text) else { return nil }
            return (number, url)
        }.sorted { $0.number < $1.number }
        guard let chunk, chunk > 0, targets.count == (file.size + chunk - 1) / chunk else {
            throw malformed(completion, subject, "the storage's parts are not those of a file of \(file.size) bytes")
        }
        let input = try Self.reading(file.url) { try FileHandle(forReadingFrom: file.url) }
        defer { try? input.close() }
        var parts: [JSONValue] = []
        for (index, target) in targets.enumerated() {
            let content = try Self.reading(file.url) { () -> Data in
                try input.seek(toOffset: UInt64(index * chunk))
                return try input.read(upToCount: chunk) ?? Data()
            }
            var request = HTTPRequest("PUT", target.url)
            request.body = .data(content)
            request.headers = [("Content-Type", "application/octet-stream")]
            guard let etag = try answer(request, subject).response["ETag"], !etag.isEmpty else {
                throw malformed(target.url, subject, "the storage does not say what it got")
            }
            parts.append(["partNumber": .integer(index + 1), "etag": .string(etag)])
            onProgress?(file.path, min(file.size, (index + 1) * chunk), file.size)
        }
        _ = try answer(
            request("POST", completion, json: ["oid": .string(file.oid), "parts": .array(parts)], type: "application/vnd.git-lfs+json"),
            subject)
    }

    // MARK: Files

    private static func sample(of file: URL) throws -> (size: Int, sample: Data) {
        try reading(file) {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            let sample = try handle.read(upToCount: 512) ?? Data()
            return (Int(try handle.seekToEnd()), sample)
        }
    }

    private static func content(of file: URL) throws -> Data { try reading(file) { try Data(contentsOf: file) } }

    private static func reading<Result>(_ file: URL, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw HubError(.invalidArgument, file.path, "cannot be read: \(error.systemReason)")
        }
    }
}
