import Foundation
import JSON

extension HubClient {
    /// What an answer that is an error means, and whether it may pass.
    func failure(_ response: HTTPResponse, _ body: Data, _ request: HTTPRequest, _ subject: Subject) -> Failure {
        let status = response.status
        let hasToken = settings.token != nil
        func error(_ kind: HubError.Kind, _ problem: String) -> HubError {
            HubError(kind, subject.description, problem + said(response, body), status: status)
        }
        let signIn = hasToken ? "the token does not open it" : "if it is private, set HF_TOKEN to a token that may read it"
        if !isHub(request.url) {
            // A storage host: its addresses hold for a while.
            let mayPass = status == 408 || status == 429 || status >= 500
            return Failure(
                error: HubError(
                    status >= 500 ? .server : status == 429 ? .tooManyRequests : .forbidden, subject.description,
                    "the storage at \(Self.shown(request.url)) answers \(status)", status: status),
                mayPass: mayPass, isRefusal: status == 429, retryAfter: Self.retryAfter(response))
        }
        switch (response["X-Error-Code"], status) {
        case ("RevisionNotFound", _): return Failure(error: error(.revisionNotFound, "there is no such branch, tag or commit"))
        case ("EntryNotFound", _):
            return Failure(error: error(.entryNotFound, "there is no such file"), commit: response["X-Repo-Commit"])
        case ("GatedRepo", _):
            return Failure(
                error: error(
                    .gatedRepository,
                    "its terms have to be accepted at \(settings.endpoint)/\(subject.repository?.description ?? "") first"
                        + (hasToken ? "" : ", and HF_TOKEN has to be set")))
        case ("RepoNotFound", _): return Failure(error: error(.repositoryNotFound, "there is no such repository; " + signIn))
        case (_, 401):
            // The hub says 401 of a repository that does not exist, too, unless it knows who asks.
            if !hasToken, subject.repository != nil, request.method == "GET" || request.method == "HEAD" {
                return Failure(error: error(.repositoryNotFound, "there is no such repository; " + signIn))
            }
            return Failure(
                error: error(
                    .unauthorized,
                    hasToken
                        ? "the token is wrong or has expired; make a new one in the settings of your account" : "set HF_TOKEN to a token"))
        case (_, 403):
            if response["X-Error-Message"] == "Access to this resource is disabled." {
                return Failure(error: error(.disabledRepository, "the hub has disabled it"))
            }
            return Failure(
                error: error(
                    .forbidden,
                    request.method == "GET" || request.method == "HEAD"
                        ? "access is forbidden; use a token that may read it"
                        : "the token may not write there; use one with the right to write"))
        case (_, 404): return Failure(error: error(subject.file == nil ? .repositoryNotFound : .entryNotFound, "there is no such thing"))
        case (_, 409), (_, 412): return Failure(error: error(.conflict, "it exists already, or was changed in between"))
        case (_, 429):
            return Failure(
                error: error(
                    .tooManyRequests, "too many requests; wait some minutes" + (hasToken ? "" : ", or set HF_TOKEN for a higher limit")),
                mayPass: true, isRefusal: true, retryAfter: Self.retryAfter(response))
        case (_, 408): return Failure(error: error(.server, "the hub waited too long"), mayPass: true)
        case (_, 500...):
            return Failure(
                error: error(.server, "the hub answers \(status); try again later"), mayPass: true, retryAfter: Self.retryAfter(response))
        default: return Failure(error: error(.badRequest, "the hub refuses this with \(status)"))
        }
    }

    /// The hub's own words, on one line; nothing of the token, should it be repeated there.
    private func said(_ response: HTTPResponse, _ body: Data) -> String {
        var text = response["X-Error-Message"]
        if text == nil, case .object(let object)? = try? JSONValue.parse([UInt8](body)), case .string(let words)? = object["error"] {
            text = words
        }
        guard var text, !text.isEmpty else { return "" }
        if let token = settings.token?.authorization.dropFirst("Bearer ".count) { text = text.replacingOccurrences(of: token, with: "…") }
        let line = text.split { $0.isNewline || $0.isWhitespace }.joined(separator: " ")
        return " (\(line.count > 300 ? line.prefix(300) + "…" : line))"
    }

    /// Seconds after which the hub wants to be asked again.
    private static func retryAfter(_ response: HTTPResponse) -> Double? {
        // `RateLimit: "api";r=0;t=55`: in 55 seconds there will be requests again.
        let reset = response["RateLimit"].flatMap {
            $0.contains("r=0") ? $0.firstMatch(of: #/t=(\d{1,6})/#).map { String($0.output.1) } : nil
        }
        guard let seconds = (response["Retry-After"] ?? reset).flatMap({ Double($0) }), seconds.isFinite, seconds >= 0 else { return nil }
        return seconds
    }
}
