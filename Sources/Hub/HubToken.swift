import Foundation

/// A secret that the hub knows a user by. It goes into one header of requests to the hub, and nowhere else: to print it
/// gives no part of it.
public struct HubToken: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let secret: String

    /// A token; white space around it is left out.
    ///
    /// - Throws: `HubError` of kind `invalidArgument` for an empty one, or one with other than visible ASCII characters.
    public init(_ text: String) throws {
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty, secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw HubError(
                .invalidArgument, "the hub's token",
                secret.isEmpty ? "is empty" : "holds characters that no token has; copy it again from the settings of your account")
        }
        self.secret = secret
    }

    /// The value of the `authorization` header.
    var authorization: String { "Bearer " + secret }

    public var description: String { "HubToken(hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
