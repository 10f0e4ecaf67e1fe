import Foundation
import JSON

/// Asks the hub, fetches from it into the field's cache, and uploads to it.
///
/// ```swift
/// let client = try HubClient()
/// let folder = try client.snapshotDownload(Repository("sentence-transformers/all-MiniLM-L6-v2"))
/// ```
public struct HubClient: Sendable {
    /// Where the hub is, where its cache lies, and by whose name it is asked.
    public var settings: HubSettings
    /// Told how a download goes on: the file, its bytes so far, all its bytes.
    public var onProgress: (@Sendable (_ file: String, _ completed: Int, _ total: Int) -> Void)?
    /// Told what is worth knowing and no error, such as that the cache stands in for a hub that cannot be reached; by
    /// default it goes to standard error.
    public var onNotice: @Sendable (String) -> Void = { FileHandle.standardError.write(Data("Note: \($0)\n".utf8)) }
    let http: any HTTPClient

    /// - Parameter settings: Those of the environment when left out.
    /// - Throws: `HubError` where the environment's settings cannot be.
    public init(_ settings: HubSettings? = nil) throws {
        try self.init(settings ?? HubSettings(), http: URLSessionClient.shared)
    }

    package init(_ settings: HubSettings, http: any HTTPClient) {
        self.settings = settings
        self.http = http
    }

    var cache: HubCache { HubCache(folder: settings.cacheFolder) }

    // MARK: Addresses

    /// An address of the hub.
    ///
    /// - Parameter path: Components that are encoded already, joined by slashes.
    func url(_ path: String, query: [(String, String)] = []) -> URL {
        let query = query.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
        return URL(string: settings.endpoint.absoluteString + "/" + path + (query.isEmpty ? "" : "?" + query))!
    }

    /// A text as one component of a path; with `keepingSlashes`, as several.
    static func encoded(_ text: String, keepingSlashes: Bool = false) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~".utf8)
        return text.utf8.map { byte in
            if plain.contains(byte) || keepingSlashes && byte == UInt8(ascii: "/") { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }

    func fileURL(_ path: String, in repository: Repository, revision: String) -> URL {
        url("\(repository.prefix)\(repository.id)/resolve/\(Self.encoded(revision))/\(Self.encoded(path, keepingSlashes: true))")
    }

    func apiURL(_ repository: Repository, _ path: String, query: [(String, String)] = []) -> URL {
        url("api/\(repository.plural)/\(repository.id)/\(path)", query: query)
    }

    // MARK: Requests

    /// What a request is about, for messages.
    struct Subject {
        var repository: Repository?
        var revision: String?
        var file: String?

        var description: String {
            (repository?.description ?? "the hub") + (revision.map { " at \($0)" } ?? "") + (file.map { ": \($0)" } ?? "")
        }
    }

    /// The answer to a request, with its body; redirects are followed, and what may pass is tried again.
    ///
    /// - Throws: `HubError`.
    func answer(_ request: HTTPRequest, _ subject: Subject, attempts: Int? = nil) throws -> (response: HTTPResponse, body: Data) {
        var body = Data()
        let response = try retrying(request, subject, attempts: attempts) {
            body = Data()
            return try exchange(request, subject) { body.append($0) }
        }
        return (response, body)
    }

    /// The answer to a request as JSON.
    func json(_ request: HTTPRequest, _ subject: Subject, attempts: Int? = nil) throws -> (value: JSONValue, response: HTTPResponse) {
        let (response, body) = try answer(request, subject, attempts: attempts)
        guard let value = try? JSONValue.parse([UInt8](body)) else {
            throw HubError(
                .malformedAnswer, subject.description, "the answer is no JSON; does HF_ENDPOINT, \(settings.endpoint), lead to a hub?")
        }
        return (value, response)
    }

    /// A request with a JSON body.
    func request(_ method: String, _ url: URL, json: JSONValue, type: String = "application/json") -> HTTPRequest {
        var request = HTTPRequest(method, url)
        request.body = .data(Data(json.serialized(.compact).utf8))
        request.headers = [("Content-Type", type)]
        return request
    }

    /// Calls `body` until it does not throw, at most `attempts` times: errors that may pass are waited for. What changes
    /// something at the hub is sent again only when the hub has said that it did nothing.
    func retrying<Result>(
        _ request: HTTPRequest, _ subject: Subject, attempts: Int? = nil, _ body: () throws -> Result
    ) throws -> Result {
        let attempts = max(1, attempts ?? settings.attempts)
        var (attempt, delay) = (1, settings.firstDelay)
        while true {
            do {
                return try body()
            } catch let failure as Failure {
                guard attempt < attempts, failure.mayPass, failure.isRefusal || request.method != "POST" || request.isRepeatable else {
                    throw failure.error
                }
                wait(failure.retryAfter ?? delay)
                (attempt, delay) = (attempt + 1, delay * 2)
            }
        }
    }

    func wait(_ seconds: Double) { Thread.sleep(forTimeInterval: min(max(seconds, 0), settings.longestDelay)) }

    /// An error of one attempt.
    struct Failure: Error {
        var error: HubError
        var mayPass = false
        /// Whether the hub did not look at the request.
        var isRefusal = false
        /// Seconds that the hub asks to wait.
        var retryAfter: Double?
        /// The commit that the answer is about.
        var commit: String?
    }

    private static let mostRedirects = 10

    /// One attempt: follows redirects, with the token for the hub's own host alone.
    ///
    /// A HEAD request stops where it is led to another host: what it asks about, the hub has said by then.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - subject: For messages.
    ///   - onResponse: Called for an answer that is no error, before the body.
    ///   - onData: Pieces of the body of such an answer.
    /// - Throws: `Failure`, and what the closures throw.
    func exchange(
        _ request: HTTPRequest, _ subject: Subject, onResponse: (HTTPResponse) throws -> Void = { _ in }, onData: (Data) throws -> Void
    ) throws -> HTTPResponse {
        if settings.isOffline {
            throw Failure(
                error: HubError(
                    .notCached, subject.description, "the cache does not have it, and HF_HUB_OFFLINE or localFilesOnly forbids asking"))
        }
        var request = request
        for _ in 0...Self.mostRedirects {
            var sent = request
            sent.timeout = settings.timeout
            sent.headers.append(("User-Agent", "tapestry"))
            if let token = settings.token, isHub(request.url) { sent.headers.append(("Authorization", token.authorization)) }
            var (head, problem): (HTTPResponse?, Data) = (nil, Data())
            do {
                try http.send(
                    sent,
                    onResponse: { response in
                        head = response
                        if (200..<300).contains(response.status) { try onResponse(response) }
                    },
                    onData: { data in
                        if let status = head?.status, (200..<300).contains(status) {
                            try onData(data)
                        } else if problem.count < 1 << 16 {
                            problem.append(data)
                        }
                    })
            } catch let failure as HTTPFailure {
                throw Failure(
                    error: HubError(
                        .connection, subject.description,
                        "\(Self.shown(request.url)): \(failure.problem); try again, or set HF_ENDPOINT or the system's proxy"),
                    mayPass: failure.mayPass)
            }
            guard let head else { throw Failure(error: malformed(request.url, subject, "nothing came back"), mayPass: true) }
            if (200..<300).contains(head.status) { return head }
            guard [301, 302, 303, 307, 308].contains(head.status), let location = head["Location"] else {
                throw failure(head, problem, request, subject)
            }
            guard let target = URL(string: location, relativeTo: request.url)?.absoluteURL, let scheme = target.scheme?.lowercased(),
                ["http", "https"].contains(scheme), target.host?.isEmpty == false
            else { throw Failure(error: malformed(request.url, subject, "it leads to an address that is none")) }
            if request.method == "HEAD" && !isHub(target) { return head }
            guard scheme == "https" || request.url.scheme?.lowercased() == "http" else {
                throw Failure(error: malformed(request.url, subject, "it leads from a secure address to one that is not"))
            }
            guard ["GET", "HEAD"].contains(request.method) || [307, 308].contains(head.status) && isHub(target) else {
                throw Failure(error: malformed(request.url, subject, "it leads an upload elsewhere, to \(Self.shown(target))"))
            }
            request.url = target
        }
        throw Failure(error: malformed(request.url, subject, "more than \(Self.mostRedirects) redirects"))
    }

    /// Whether an address is served by the hub itself: scheme, host and port are those of the endpoint.
    func isHub(_ url: URL) -> Bool { Self.origin(url) == Self.origin(settings.endpoint) }

    private static func origin(_ url: URL) -> [String] {
        let scheme = url.scheme?.lowercased() ?? ""
        return [scheme, url.host?.lowercased() ?? "", "\(url.port ?? (scheme == "https" ? 443 : 80))"]
    }

    /// An address without what could be secret in it.
    static func shown(_ url: URL) -> String {
        guard var components = URLComponents(url: url, resolvingAgainstBaseURL: true) else { return "an address" }
        (components.query, components.user, components.password, components.fragment) = (nil, nil, nil, nil)
        return components.string ?? "an address"
    }

    func malformed(_ url: URL, _ subject: Subject, _ problem: String) -> HubError {
        HubError(.malformedAnswer, subject.description, "\(Self.shown(url)): \(problem)")
    }
}

extension HTTPRequest {
    /// Whether it may be sent twice although it is a POST: it asks, or says what is said already.
    fileprivate var isRepeatable: Bool {
        let path = url.path
        return path.contains("/preupload/") || path.hasSuffix("/info/lfs/objects/batch") || path.hasSuffix("/verify")
            || path.hasSuffix("/repos/create") || path.contains("/branch/")
    }
}
