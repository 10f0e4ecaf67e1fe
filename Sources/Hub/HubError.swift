/// What went wrong between this program and the hub: what, where, and what to do about it.
///
/// No token and no signature of an address is ever part of it.
public struct HubError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The kind of trouble, for callers that react to it; people read `description`.
    public enum Kind: String, Sendable {
        /// There is no such repository, or it is private and the token does not open it.
        case repositoryNotFound
        /// The repository has no such branch, tag or commit.
        case revisionNotFound
        /// The repository has no such file.
        case entryNotFound
        /// The repository's terms have to be accepted first.
        case gatedRepository
        /// The repository was disabled by the hub.
        case disabledRepository
        /// The token is missing, wrong or expired.
        case unauthorized
        /// The token may not do that.
        case forbidden
        /// There is such a repository or branch already, or a commit came in between.
        case conflict
        /// Too many requests within a time.
        case tooManyRequests
        /// The hub refuses what was sent.
        case badRequest
        /// The hub failed.
        case server
        /// The connection could not be made, or broke.
        case connection
        /// The hub was told not to be asked, and the cache does not have it.
        case notCached
        /// What came is not what the hub said it would be.
        case checksumMismatch
        /// The answer is none that a hub gives.
        case malformedAnswer
        /// An argument or a setting that cannot be.
        case invalidArgument
        /// The disk refused.
        case notWritten
    }

    /// What kind of trouble it is.
    public let kind: Kind
    /// A repository, an address without its query, a file, or a setting.
    public let place: String
    /// What was found and what to do about it.
    public let problem: String
    /// The status of the hub's answer; nil where there was none.
    public let status: Int?

    /// An error about a place.
    public init(_ kind: Kind, _ place: String, _ problem: String, status: Int? = nil) {
        (self.kind, self.place, self.problem, self.status) = (kind, place, problem, status)
    }

    public var description: String { "\(place): \(problem)" }

    /// Whether the cache may stand in for the hub: it cannot be reached, it fails, or it does not let this client in.
    var allowsCache: Bool {
        switch kind {
        case .connection, .server, .tooManyRequests, .unauthorized, .forbidden, .gatedRepository, .repositoryNotFound: true
        default: false
        }
    }
}
