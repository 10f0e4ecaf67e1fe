import Foundation
import JSON

/// A commit of a repository, and its files.
public struct RepositorySnapshot: Sendable {
    /// The commit's hash.
    public let commit: String
    /// All files, in the hub's order; nil where only the cache could be asked, and has no listing.
    public let files: [RemoteFile]?
}

extension HubClient {
    /// The commit that a revision stands for, and its files.
    ///
    /// - Parameters:
    ///   - repository: The repository.
    ///   - revision: A branch, a tag or a commit.
    /// - Throws: `HubError`.
    public func snapshot(of repository: Repository, revision: String = "main") throws -> RepositorySnapshot {
        let commit = try resolve(revision, in: repository)
        return RepositorySnapshot(commit: commit, files: try files(of: commit, in: repository))
    }

    /// The same from the cache where the hub cannot be asked; with a word about it where it should have been.
    func snapshotOrCached(of repository: Repository, revision: String) throws -> RepositorySnapshot {
        let cached = cache.commit(of: revision, in: repository).flatMap {
            HubCache.exists(cache.snapshot($0, of: repository)) ? $0 : nil
        }
        do {
            // With something to fall back to, a hub that cannot be reached is not waited for.
            var quick = self
            if cached != nil { quick.settings.attempts = 1 }
            return try quick.snapshot(of: repository, revision: revision)
        } catch let error as HubError where settings.isOffline || error.allowsCache {
            guard let cached else { throw error }
            if !settings.isOffline { onNotice("\(error); what the cache has of it is used") }
            return RepositorySnapshot(commit: cached, files: cache.tree(of: cached, in: repository))
        }
    }

    /// The commit that a revision stands for.
    func resolve(_ revision: String, in repository: Repository) throws -> String {
        let subject = Subject(repository: repository, revision: revision)
        try Self.check(revision: revision, subject)
        if HubCache.isCommit(revision), cache.tree(of: revision, in: repository) != nil { return revision }
        let request = HTTPRequest("GET", apiURL(repository, "revision/" + Self.encoded(revision)))
        guard case .object(let info) = try json(request, subject).value, case .string(let commit)? = info["sha"], HubCache.isCommit(commit)
        else { throw malformed(request.url, subject, "the answer names no commit") }
        return commit
    }

    private func files(of commit: String, in repository: Repository) throws -> [RemoteFile] {
        if let known = cache.tree(of: commit, in: repository) { return known }
        let subject = Subject(repository: repository, revision: commit)
        var files: [RemoteFile] = []
        var seen = Set<String>()
        var next: URL? = apiURL(repository, "tree/" + commit, query: [("recursive", "true"), ("expand", "false")])
        while let page = next {
            let (value, response) = try json(HTTPRequest("GET", page), subject)
            guard case .array(let entries) = value else { throw malformed(page, subject, "the answer is no list of files") }
            for entry in entries {
                guard let file = RemoteFile(listed: entry) else {
                    guard case .object(let object) = entry, case .string("directory")? = object["type"] else {
                        throw malformed(page, subject, "an entry of the list of files is none")
                    }
                    continue
                }
                guard RemoteFile.isSafe(path: file.path), RemoteFile.isSafe(etag: file.etag), seen.insert(file.path).inserted else {
                    throw malformed(
                        page, subject, "the list holds a file that cannot be: \(String(file.path.prefix(200)).debugDescription)")
                }
                files.append(file)
            }
            next = try Self.nextPage(response, of: page, subject, self)
            guard next == nil || !entries.isEmpty else { throw malformed(page, subject, "the list of files does not end") }
        }
        return files
    }

    /// `Link: <address>; rel="next"`.
    private static func nextPage(_ response: HTTPResponse, of page: URL, _ subject: Subject, _ client: HubClient) throws -> URL? {
        guard let link = response["Link"], let match = link.firstMatch(of: #/<([^<>]+)>; *rel="next"/#) else { return nil }
        guard let url = URL(string: String(match.output.1), relativeTo: page)?.absoluteURL, client.isHub(url) else {
            throw client.malformed(page, subject, "the list of files goes on at another host")
        }
        return url
    }

    static func check(revision: String, _ subject: Subject) throws {
        guard RemoteFile.isSafe(path: revision) else {
            throw HubError(
                .invalidArgument, subject.repository?.description ?? "", "\(revision.debugDescription) is no branch, tag or commit")
        }
    }
}
