import Foundation
import Requirements

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Requests by Foundation's `URLSession`, without its cookies, caches and redirects.
package final class URLSessionClient: HTTPClient {
    package static let shared = URLSessionClient()

    private let session: URLSession
    private let exchanges = Exchanges()

    package init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.httpMaximumConnectionsPerHost = 8
        // Each exchange counts the seconds itself: a session does not on every system, and counts whole ones.
        configuration.timeoutIntervalForRequest = 86_400
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    package func send(
        _ request: HTTPRequest, onResponse: (HTTPResponse) throws -> Void, onData: (Data) throws -> Void
    ) throws {
        var own = URLRequest(url: request.url, timeoutInterval: 86_400)
        own.httpMethod = request.method
        own.httpShouldHandleCookies = false
        for header in request.headers { own.setValue(header.value, forHTTPHeaderField: header.name) }
        let task: URLSessionTask
        switch request.body {
        case .file(let file): task = session.uploadTask(with: own, fromFile: file)
        case .data(let data): task = session.uploadTask(with: own, from: data)
        case nil: task = session.dataTask(with: own)
        }
        let exchange = Exchange()
        exchanges.add(exchange, for: task)
        defer { exchanges.remove(task) }
        task.resume()
        do {
            while let event = try exchange.next(within: request.timeout) {
                switch event {
                case .response(let response): try onResponse(response)
                case .data(let data): try onData(data)
                case .failure(let failure): throw failure
                case .sent: break
                }
            }
        } catch {
            task.cancel()
            throw error
        }
    }
}

/// What happens to one task, handed from the session's thread to the one that waits.
private final class Exchange: Sendable {
    enum Event {
        case response(HTTPResponse)
        case data(Data)
        case failure(HTTPFailure)
        /// A piece of an upload has gone out.
        case sent
    }

    private struct State {
        var events: [Event] = []
        var hasResponse = false
        var isOver = false
    }

    private let state = Locked(State())
    private let arrived = DispatchSemaphore(value: 0)

    /// The next event; nil after the last.
    ///
    /// - Throws: `HTTPFailure` where none comes for so many seconds.
    func next(within seconds: Double) throws -> Event? {
        guard arrived.wait(timeout: .now() + seconds) == .success else {
            throw HTTPFailure(problem: "no answer came in time", mayPass: true)
        }
        return state.withLock { $0.events.isEmpty ? nil : $0.events.removeFirst() }
    }

    func add(_ event: Event) {
        state.withLock { state in
            if case .response = event {
                if state.hasResponse { return }
                state.hasResponse = true
            }
            state.events.append(event)
            arrived.signal()
        }
    }

    func end() {
        state.withLock { $0.isOver = true }
        arrived.signal()
    }
}

/// The session's delegate: tells each task's exchange what happens.
private final class Exchanges: NSObject, URLSessionDataDelegate, Sendable {
    private let all = Locked<[Int: Exchange]>([:])

    func add(_ exchange: Exchange, for task: URLSessionTask) { all.withLock { $0[task.taskIdentifier] = exchange } }
    func remove(_ task: URLSessionTask) { all.withLock { $0[task.taskIdentifier] = nil } }
    private func exchange(of task: URLSessionTask) -> Exchange? { all.withLock { $0[task.taskIdentifier] } }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        exchange(of: task)?.add(.response(HTTPResponse(response)))
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        if let response = response as? HTTPURLResponse { exchange(of: dataTask)?.add(.response(HTTPResponse(response))) }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        exchange(of: dataTask)?.add(.data(data))
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didSendBodyData bytesSent: Int64, totalBytesSent: Int64,
        totalBytesExpectedToSend: Int64
    ) { exchange(of: task)?.add(.sent) }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let exchange = exchange(of: task) else { return }
        if let error {
            exchange.add(.failure(HTTPFailure(error)))
        } else if let response = task.response as? HTTPURLResponse {
            exchange.add(.response(HTTPResponse(response)))
        }
        exchange.end()
    }
}

extension HTTPResponse {
    fileprivate init(_ response: HTTPURLResponse) {
        self.init(
            status: response.statusCode,
            headers: response.allHeaderFields.compactMap { name, value in (name as? String).map { ($0, "\(value)") } })
    }
}

extension HTTPFailure {
    fileprivate init(_ error: any Error) {
        let code = (error as? URLError)?.code
        switch code {
        case .timedOut: self.init(problem: "no answer came in time", mayPass: true)
        case .cannotFindHost, .dnsLookupFailed: self.init(problem: "there is no such host, or there is no network", mayPass: false)
        case .notConnectedToInternet: self.init(problem: "there is no network", mayPass: false)
        case .cannotConnectToHost: self.init(problem: "the host cannot be reached", mayPass: true)
        case .networkConnectionLost: self.init(problem: "the connection broke off", mayPass: true)
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate, .serverCertificateNotYetValid,
            .serverCertificateHasUnknownRoot:
            self.init(problem: "no secure connection can be made; are the system's certificates installed?", mayPass: false)
        // The description may hold the address, with a signature: the number says as much.
        case .some(let code): self.init(problem: "the connection failed (error \(code.rawValue))", mayPass: true)
        case nil: self.init(problem: "the connection failed", mayPass: true)
        }
    }
}
