import Foundation

/// A request of HTTP, as it goes to one address.
package struct HTTPRequest: Sendable {
    package enum Body: Sendable {
        case data(Data)
        /// A whole file, which is read while it is sent.
        case file(URL)
    }

    package var method: String
    package var url: URL
    package var headers: [(name: String, value: String)] = []
    package var body: Body?
    /// Seconds without a byte after which it fails.
    package var timeout = 10.0

    package init(_ method: String, _ url: URL) { (self.method, self.url) = (method, url) }
}

/// What came back: everything but the body.
package struct HTTPResponse: Sendable {
    package let status: Int
    private let headers: [String: String]

    package init(status: Int, headers: [(name: String, value: String)]) {
        self.status = status
        self.headers = Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { _, last in last }
    }

    /// A header by its name in any case.
    package subscript(name: String) -> String? { headers[name.lowercased()] }
}

/// Why nothing, or not everything, came back.
package struct HTTPFailure: Error, Sendable {
    package let problem: String
    /// Whether the next attempt could end in another way: not where the host does not exist or the certificate is wrong.
    package let mayPass: Bool
}

/// Sends requests and follows no redirect. All that this module knows of networks is here.
package protocol HTTPClient: Sendable {
    /// - Parameters:
    ///   - request: What to send.
    ///   - onResponse: Called once, before the body.
    ///   - onData: Called for each piece of the body. What either throws ends the request and is passed on.
    /// - Throws: `HTTPFailure` where there is no answer or it breaks off.
    func send(
        _ request: HTTPRequest, onResponse: (HTTPResponse) throws -> Void, onData: (Data) throws -> Void
    ) throws
}
