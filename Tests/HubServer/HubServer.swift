import Foundation
import Hub
import JSON
import Requirements

/// A hub in memory, on two ports: the hub itself on 127.0.0.1, and the storage of large files on localhost, which is
/// another host to clients.
///
/// It speaks the protocol that the hub's Python client speaks, and can be told to fail in many ways.
public final class HubServer: Sendable {
    /// What goes wrong with answers.
    public struct Fault: Sendable {
        /// Nil: any.
        public var method: String?
        /// Requests whose path holds this.
        public var path: String
        /// How many requests are answered so.
        public var count: Int
        /// Changes the right answer.
        public var change: @Sendable (inout Answer) -> Void

        public init(
            _ path: String, method: String? = nil, count: Int = 1, _ change: @escaping @Sendable (inout Answer) -> Void
        ) {
            (self.path, self.method, self.count, self.change) = (path, method, count, change)
        }
    }

    /// A request, and which of the two hosts it came to.
    public struct Entry: Sendable {
        public let isStorage: Bool
        public let request: Incoming
        public let status: Int
    }

    struct File: Sendable {
        var content: [UInt8]
        var isLarge: Bool
    }

    struct Repository: Sendable {
        var isPrivate = false
        var isGated = false
        /// Names of branches and tags, and their commits.
        var branches: [String: String] = [:]
        var commits: [String: [String: File]] = [:]
        var messages: [String] = []
        var pullRequests = 0
    }

    struct State: Sendable {
        var repositories: [String: Repository] = [:]
        var faults: [Fault] = []
        var log: [Entry] = []
        /// Contents of large files by their SHA-256, and parts that wait for the rest.
        var storage: [String: [UInt8]] = [:]
        var parts: [String: [Int: [UInt8]]] = [:]
        var commitCount = 0
    }

    /// The token that may read and write everything.
    public static let token = "hf_testtokenwithsomeletters"
    let state = Locked(State())
    /// Files of so many bytes are large.
    public let largeSize: Int
    /// Large files of so many bytes are uploaded in parts of `chunkSize`.
    public let multipartSize: Int
    public let chunkSize = 1 << 16
    /// Entries of the listing on one page.
    public let pageSize: Int
    private let servers = Locked<[HTTPServer]>([])

    public init(port: Int = 0, largeSize: Int = 4096, multipartSize: Int = 1 << 20, pageSize: Int = 3) throws {
        (self.largeSize, self.multipartSize, self.pageSize) = (largeSize, multipartSize, pageSize)
        let hub = try HTTPServer(port: port) { [weak self] in self?.answer($0, isStorage: false) ?? Answer(500) }
        let storage = try HTTPServer { [weak self] in self?.answer($0, isStorage: true) ?? Answer(500) }
        servers.withLock { $0 = [hub, storage] }
    }

    deinit { stop() }

    public func stop() { servers.withLock { $0.forEach { $0.stop() } } }

    /// What HF_ENDPOINT has to be.
    public var endpoint: String { "http://127.0.0.1:\(servers.withLock { $0[0].port })" }
    /// The storage's address.
    public var storageAddress: String { "http://localhost:\(servers.withLock { $0[1].port })" }

    // MARK: For tests

    /// Makes a commit of a repository, which is made if need be; files that are not named stay.
    ///
    /// - Parameter id: `owner/name`, after `datasets/` for a dataset.
    @discardableResult
    public func add(
        _ id: String, _ files: [String: [UInt8]], branch: String = "main", isPrivate: Bool = false, isGated: Bool = false
    ) -> String {
        state.withLock { state in
            var repository = state.repositories[id] ?? Repository()
            (repository.isPrivate, repository.isGated) = (isPrivate, isGated)
            var all = repository.branches[branch].flatMap { repository.commits[$0] } ?? [:]
            for (path, content) in files {
                let isLarge = content.count >= largeSize
                if isLarge { state.storage[Digest.sha256(content)] = content }
                all[path] = File(content: content, isLarge: isLarge)
            }
            let commit = Self.commit(all, &state, &repository, branch)
            state.repositories[id] = repository
            return commit
        }
    }

    private static func commit(_ files: [String: File], _ state: inout State, _ repository: inout Repository, _ branch: String) -> String {
        state.commitCount += 1
        let commit = Digest.gitBlob(Array("commit \(state.commitCount) \(branch)".utf8))
        repository.commits[commit] = files
        repository.branches[branch] = commit
        return commit
    }

    /// A whole folder as a repository.
    @discardableResult
    public func add(_ id: String, folder: URL) throws -> String {
        var files: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let url = folder.appendingPathComponent(path)
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue {
                files[path] = [UInt8](try Data(contentsOf: url))
            }
        }
        return add(id, files)
    }

    public func add(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }
    public var log: [Entry] { state.withLock { $0.log } }
    public func forgetLog() { state.withLock { $0.log = [] } }

    /// The files of a branch.
    public func files(_ id: String, branch: String = "main") -> [String: [UInt8]]? {
        state.withLock { state in
            state.repositories[id].flatMap { repository in repository.branches[branch].flatMap { repository.commits[$0] } }?.mapValues(
                \.content)
        }
    }

    public func messages(_ id: String) -> [String] { state.withLock { $0.repositories[id]?.messages ?? [] } }
    public func isPrivate(_ id: String) -> Bool? { state.withLock { $0.repositories[id]?.isPrivate } }

    // MARK: Answers

    private func answer(_ request: Incoming, isStorage: Bool) -> Answer {
        let fault: Fault? = state.withLock { state in
            guard
                let i = state.faults.firstIndex(where: {
                    $0.count > 0 && request.path.contains($0.path) && ($0.method == nil || $0.method == request.method)
                })
            else { return nil }
            state.faults[i].count -= 1
            return state.faults[i]
        }
        var answer = isStorage ? storageAnswer(request) : hubAnswer(request)
        fault?.change(&answer)
        state.withLock { $0.log.append(Entry(isStorage: isStorage, request: request, status: answer.status)) }
        return answer
    }

    static func json(_ value: JSONValue, status: Int = 200, headers: [(String, String)] = []) -> Answer {
        Answer(status, headers: [("Content-Type", "application/json")] + headers, body: Array(value.serialized(.compact).utf8))
    }

    static func error(_ status: Int, _ code: String? = nil, _ message: String, headers: [(String, String)] = []) -> Answer {
        json(
            ["error": .string(message)], status: status,
            headers: (code.map { [("X-Error-Code", $0)] } ?? []) + [("X-Error-Message", message)] + headers)
    }

    /// A content, or the end of it that a range asks for.
    static func content(_ bytes: [UInt8], _ request: Incoming, headers: [(String, String)]) -> Answer {
        guard let range = request.headers["range"], range.hasPrefix("bytes="), range.hasSuffix("-"),
            let start = Int(range.dropFirst(6).dropLast())
        else { return Answer(200, headers: headers, body: bytes) }
        guard start < bytes.count else { return error(416, nil, "no such range", headers: [("Content-Range", "bytes */\(bytes.count)")]) }
        return Answer(
            206, headers: headers + [("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")], body: Array(bytes[start...]))
    }

    private func storageAnswer(_ request: Incoming) -> Answer {
        let parts = request.path.split(separator: "/").map(String.init)
        // A signed address: it says all that is needed, and takes nobody's token.
        if request.headers["authorization"] != nil { return Self.error(400, nil, "two ways to sign in") }
        guard request.query["signature"] == "secret" else { return Self.error(403, nil, "not signed") }
        switch (request.method, parts.first) {
        case ("GET", "content"), ("HEAD", "content"):
            guard parts.count == 2, let bytes = state.withLock({ $0.storage[parts[1]] }) else { return Self.error(404, nil, "not there") }
            return Self.content(bytes, request, headers: [("ETag", "\"\(Digest.gitBlob(bytes))\"")])
        case ("PUT", "upload"):
            guard parts.count == 2, Digest.sha256(request.body) == parts[1] else { return Self.error(400, nil, "another content") }
            state.withLock { $0.storage[parts[1]] = request.body }
            return Answer(200, headers: [("ETag", "\"whole\"")])
        case ("PUT", "part"):
            guard parts.count == 3, let number = Int(parts[2]) else { return Self.error(400, nil, "no part") }
            state.withLock { $0.parts[parts[1], default: [:]][number] = request.body }
            return Answer(200, headers: [("ETag", "\"part-\(number)\"")])
        default: return Self.error(404, nil, "not there")
        }
    }

    private func hubAnswer(_ request: Incoming) -> Answer {
        let isSignedIn = request.headers["authorization"] == "Bearer " + Self.token
        if request.headers["authorization"] != nil, !isSignedIn {
            return Self.error(401, nil, "Invalid credentials in Authorization header")
        }
        var parts = request.components
        if parts.first == "api" {
            parts.removeFirst()
            return api(request, parts, isSignedIn)
        }
        if request.path.hasSuffix("/info/lfs/objects/batch") { return batch(request, isSignedIn) }
        if parts.first == "lfs", parts.count == 3 { return lfs(request, parts, isSignedIn) }
        let isDataset = parts.first == "datasets"
        if isDataset { parts.removeFirst() }
        guard let at = parts.firstIndex(of: "resolve"), (1...2).contains(at), parts.count > at + 2 else {
            return Self.error(404, nil, "not found")
        }
        let id = (isDataset ? "datasets/" : "") + parts[..<at].joined(separator: "/")
        return file(request, id, revision: parts[at + 1], path: parts[(at + 2)...].joined(separator: "/"), isSignedIn)
    }

    /// The files of a commit; an error as the hub gives it where there is none.
    private func tree(
        _ id: String, _ revision: String, _ isSignedIn: Bool
    ) -> Result<(commit: String, files: [String: File]), Refusal> {
        state.withLock { state in
            guard let repository = state.repositories[id] else {
                return .failure(
                    Refusal(
                        isSignedIn
                            ? Self.error(404, "RepoNotFound", "Repository not found")
                            : Self.error(401, "RepoNotFound", "Repository not found")))
            }
            if repository.isPrivate, !isSignedIn { return .failure(Refusal(Self.error(401, "RepoNotFound", "Repository not found"))) }
            if repository.isGated, !isSignedIn {
                return .failure(Refusal(Self.error(401, "GatedRepo", "Access to model \(id) is restricted. You must be authenticated.")))
            }
            guard let commit = repository.branches[revision] ?? (repository.commits[revision] == nil ? nil : revision) else {
                return .failure(Refusal(Self.error(404, "RevisionNotFound", "Invalid rev id: \(revision)")))
            }
            return .success((commit, repository.commits[commit]!))
        }
    }

    struct Refusal: Error {
        let answer: Answer
        init(_ answer: Answer) { self.answer = answer }
    }

    private func file(_ request: Incoming, _ id: String, revision: String, path: String, _ isSignedIn: Bool) -> Answer {
        switch tree(id, revision, isSignedIn) {
        case .failure(let refusal): return refusal.answer
        case .success(let (commit, files)):
            let about = [("X-Repo-Commit", commit), ("Accept-Ranges", "bytes")]
            guard let file = files[path] else { return Self.error(404, "EntryNotFound", "Entry not found", headers: about) }
            guard file.isLarge else {
                return Self.content(file.content, request, headers: about + [("ETag", "\"\(Digest.gitBlob(file.content))\"")])
            }
            let oid = Digest.sha256(file.content)
            return Answer(
                302,
                headers: about + [
                    ("X-Linked-Size", "\(file.content.count)"), ("X-Linked-Etag", "\"\(oid)\""),
                    ("Location", "\(storageAddress)/content/\(oid)?signature=secret"),
                ], body: Array("Found".utf8))
        }
    }

    private func api(_ request: Incoming, _ parts: [String], _ isSignedIn: Bool) -> Answer {
        switch (request.method, parts.first) {
        case ("GET", "whoami-v2"):
            return isSignedIn ? Self.json(["name": "someone", "type": "user"]) : Self.error(401, nil, "Unauthorized")
        case ("POST", "validate-yaml"): return Self.json(["warnings": [], "errors": []])
        case ("POST", "repos"): return create(request, isSignedIn)
        case (_, "models"), (_, "datasets"): break
        default: return Self.error(404, nil, "not found")
        }
        var rest = parts.dropFirst()
        var names: [String] = []
        let verbs = ["revision", "tree", "preupload", "commit", "branch", "paths-info"]
        while let next = rest.first, !verbs.contains(next), names.count < 2 {
            names.append(next)
            rest.removeFirst()
        }
        let id = (parts[0] == "datasets" ? "datasets/" : "") + names.joined(separator: "/")
        let revision = rest.count > 1 ? rest[rest.startIndex + 1] : "main"
        switch (request.method, rest.first) {
        case ("GET", nil), ("GET", "revision"):
            switch tree(id, revision, isSignedIn) {
            case .failure(let refusal): return refusal.answer
            case .success(let (commit, files)):
                return Self.json([
                    "id": .string(names.joined(separator: "/")), "sha": .string(commit), "private": false, "tags": [], "downloads": 0,
                    "likes": 0, "siblings": .array(files.keys.sorted().map { ["rfilename": .string($0)] }),
                ])
            }
        case ("GET", "tree"):
            switch tree(id, revision, isSignedIn) {
            case .failure(let refusal): return refusal.answer
            case .success(let (_, files)): return listing(request, files)
            }
        case ("POST", "branch"): return makeBranch(id, revision, isSignedIn)
        case ("POST", "preupload"): return preupload(request, id, revision, isSignedIn)
        case ("POST", "commit"): return commit(request, id, revision, isSignedIn)
        default: return Self.error(404, nil, "not found")
        }
    }

    private func listing(_ request: Incoming, _ files: [String: File]) -> Answer {
        var entries: [JSONValue] = []
        var folders = Set<String>()
        for path in files.keys.sorted() {
            let parts = path.split(separator: "/").dropLast()
            for depth in parts.indices {
                let folder = parts[...depth].joined(separator: "/")
                if folders.insert(folder).inserted {
                    entries.append([
                        "type": "directory", "oid": .string(Digest.gitBlob(Array(folder.utf8))), "size": 0, "path": .string(folder),
                    ])
                }
            }
            let file = files[path]!
            var entry: JSONObject = [
                "type": "file", "oid": .string(Digest.gitBlob(file.content)), "size": .integer(file.content.count), "path": .string(path),
            ]
            if file.isLarge {
                let oid = Digest.sha256(file.content)
                let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(oid)\nsize \(file.content.count)\n"
                entry["oid"] = .string(Digest.gitBlob(Array(pointer.utf8)))
                entry["lfs"] = ["oid": .string(oid), "size": .integer(file.content.count), "pointerSize": .integer(pointer.utf8.count)]
            }
            entries.append(.object(entry))
        }
        let start = request.query["cursor"].flatMap { Int($0) } ?? 0
        let end = min(entries.count, start + pageSize)
        var headers: [(String, String)] = []
        if end < entries.count {
            headers = [("Link", "<\(endpoint)\(request.path)?recursive=true&cursor=\(end)>; rel=\"next\"")]
        }
        return Self.json(.array(Array(entries[min(start, end)..<end])), headers: headers)
    }

    // MARK: Uploads

    private func body(_ request: Incoming) -> JSONObject {
        guard case .object(let object)? = try? JSONValue.parse(request.body) else { return [:] }
        return object
    }

    private func create(_ request: Incoming, _ isSignedIn: Bool) -> Answer {
        guard isSignedIn else { return Self.error(401, nil, "Unauthorized") }
        let body = body(request)
        guard case .string(let name)? = body["name"] else { return Self.error(400, nil, "no name") }
        var owner = "someone"
        if case .string(let organization)? = body["organization"] { owner = organization }
        if owner == "foreign" { return Self.error(403, nil, "You don't have the rights to create a model under this namespace") }
        let isDataset = body["type"] == "dataset"
        let id = (isDataset ? "datasets/" : "") + "\(owner)/\(name)"
        let isPrivate = body["visibility"] == "private" || body["private"] == true
        return state.withLock { state in
            if state.repositories[id] != nil {
                return Self.json(
                    ["error": "You already created this model repo", "url": .string("\(endpoint)/\(id)")], status: 409)
            }
            var repository = Repository(isPrivate: isPrivate)
            _ = Self.commit(
                [".gitattributes": File(content: Array("*.safetensors filter=lfs\n".utf8), isLarge: false)], &state, &repository, "main")
            state.repositories[id] = repository
            return Self.json(["url": .string("\(endpoint)/\(id)"), "name": .string("\(owner)/\(name)"), "id": "0123"])
        }
    }

    private func makeBranch(_ id: String, _ name: String, _ isSignedIn: Bool) -> Answer {
        guard isSignedIn else { return Self.error(401, nil, "Unauthorized") }
        return state.withLock { state in
            guard var repository = state.repositories[id] else { return Self.error(404, "RepoNotFound", "Repository not found") }
            if repository.branches[name] != nil { return Self.error(409, nil, "Reference already exists") }
            repository.branches[name] = repository.branches["main"]
            state.repositories[id] = repository
            return Self.json([:])
        }
    }

    private func preupload(_ request: Incoming, _ id: String, _ revision: String, _ isSignedIn: Bool) -> Answer {
        guard isSignedIn else { return Self.error(401, nil, "Unauthorized") }
        switch tree(id, revision, isSignedIn) {
        case .failure(let refusal): return refusal.answer
        case .success(let (commit, files)):
            guard case .array(let entries)? = body(request)["files"] else { return Self.error(400, nil, "no files") }
            let answers = entries.compactMap { entry -> JSONValue? in
                guard case .object(let object) = entry, case .string(let path)? = object["path"], case .integer(let size)? = object["size"],
                    case .string(let sample)? = object["sample"], Data(base64Encoded: sample) != nil
                else { return nil }
                let isLarge = size >= largeSize
                var answer: JSONObject = ["path": .string(path), "uploadMode": isLarge ? "lfs" : "regular", "shouldIgnore": false]
                answer["oid"] = files[path].map { .string($0.isLarge ? Digest.sha256($0.content) : Digest.gitBlob($0.content)) } ?? .null
                return .object(answer)
            }
            return Self.json(["files": .array(answers), "commitOid": .string(commit)])
        }
    }

    private func batch(_ request: Incoming, _ isSignedIn: Bool) -> Answer {
        guard isSignedIn else { return Self.error(401, nil, "Unauthorized") }
        let body = body(request)
        guard body["operation"] == "upload", body["hash_algo"] == "sha256", case .array(let objects)? = body["objects"] else {
            return Self.error(400, nil, "no upload")
        }
        let answers = objects.compactMap { value -> JSONValue? in
            guard case .object(let object) = value, case .string(let oid)? = object["oid"], case .integer(let size)? = object["size"] else {
                return nil
            }
            var answer: JSONObject = ["oid": .string(oid), "size": .integer(size), "authenticated": true]
            if state.withLock({ $0.storage[oid] }) != nil { return .object(answer) }
            var upload: JSONObject = ["href": .string("\(storageAddress)/upload/\(oid)?signature=secret")]
            if size >= multipartSize {
                upload["href"] = .string("\(endpoint)/lfs/complete/\(oid)")
                var header: JSONObject = ["chunk_size": .string("\(chunkSize)")]
                for number in 1...(size + chunkSize - 1) / chunkSize {
                    header["\(number)"] = .string("\(storageAddress)/part/\(oid)/\(number)?signature=secret")
                }
                upload["header"] = .object(header)
            }
            answer["actions"] = ["upload": .object(upload), "verify": ["href": .string("\(endpoint)/lfs/verify/\(oid)")]]
            return .object(answer)
        }
        return Self.json(["transfer": "basic", "objects": .array(answers)])
    }

    private func lfs(_ request: Incoming, _ parts: [String], _ isSignedIn: Bool) -> Answer {
        let (body, oid) = (body(request), parts[2])
        switch parts[1] {
        case "complete":
            return state.withLock { state in
                guard case .array(let listed)? = body["parts"], let parts = state.parts[oid], listed.count == parts.count else {
                    return Self.error(400, nil, "parts are missing")
                }
                let content = parts.keys.sorted().flatMap { parts[$0]! }
                guard Digest.sha256(content) == oid else { return Self.error(400, nil, "another content") }
                state.storage[oid] = content
                return Self.json(["success": true])
            }
        case "verify":
            guard isSignedIn else { return Self.error(401, nil, "Unauthorized") }
            let size = state.withLock { $0.storage[oid]?.count }
            return size.map { body["size"] == .integer($0) } == true ? Self.json([:]) : Self.error(400, nil, "not there")
        default: return Self.error(404, nil, "not found")
        }
    }

    private func commit(_ request: Incoming, _ id: String, _ revision: String, _ isSignedIn: Bool) -> Answer {
        guard isSignedIn else { return Self.error(401, nil, "Unauthorized") }
        guard request.headers["content-type"] == "application/x-ndjson" else { return Self.error(400, nil, "no ndjson") }
        let lines = request.body.split(separator: UInt8(ascii: "\n")).compactMap { line -> JSONObject? in
            if case .object(let object)? = try? JSONValue.parse(Array(line)) { object } else { nil }
        }
        return state.withLock { state in
            guard var repository = state.repositories[id] else { return Self.error(404, "RepoNotFound", "Repository not found") }
            guard let base = repository.branches[revision] else { return Self.error(404, "RevisionNotFound", "Invalid rev id") }
            var files = repository.commits[base]!
            var message = ""
            for line in lines {
                guard case .object(let value)? = line["value"], case .string(let key)? = line["key"] else {
                    return Self.error(400, nil, "a line is none")
                }
                if key == "header" {
                    guard case .string(let summary)? = value["summary"] else { return Self.error(400, nil, "no summary") }
                    message = summary
                    continue
                }
                guard case .string(let path)? = value["path"] else { return Self.error(400, nil, "no path") }
                switch key {
                case "file":
                    guard case .string(let content)? = value["content"], value["encoding"] == "base64",
                        let data = Data(base64Encoded: content)
                    else { return Self.error(400, nil, "no content") }
                    files[path] = File(content: [UInt8](data), isLarge: false)
                case "lfsFile":
                    guard case .string(let oid)? = value["oid"], value["algo"] == "sha256", let content = state.storage[oid] else {
                        return Self.error(400, nil, "a large file was not uploaded")
                    }
                    files[path] = File(content: content, isLarge: true)
                case "deletedFile": files[path] = nil
                case "deletedFolder": files = files.filter { !$0.key.hasPrefix(path.hasSuffix("/") ? path : path + "/") }
                default: return Self.error(400, nil, "an unknown line")
                }
            }
            let opensPullRequest = request.query["create_pr"] == "1"
            if opensPullRequest { repository.pullRequests += 1 }
            let branch = opensPullRequest ? "refs/pr/\(repository.pullRequests)" : revision
            let commit = Self.commit(files, &state, &repository, branch)
            repository.messages.append(message)
            state.repositories[id] = repository
            var answer: JSONObject = [
                "success": true, "commitOid": .string(commit), "commitUrl": .string("\(endpoint)/\(id)/commit/\(commit)"), "hookOutput": "",
            ]
            if opensPullRequest { answer["pullRequestUrl"] = .string("\(endpoint)/\(id)/discussions/\(repository.pullRequests)") }
            return Self.json(.object(answer))
        }
    }
}
