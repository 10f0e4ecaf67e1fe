import Foundation
import Requirements

/// A request as it came in.
public struct Incoming: Sendable {
    public let method: String
    /// Without the query, its escapes resolved.
    public let path: String
    /// The path's components, whose escapes may be slashes.
    public let components: [String]
    public let query: [String: String]
    /// By lower-case names.
    public let headers: [String: String]
    public let body: [UInt8]
}

/// An answer, and what goes wrong with it on the way.
public struct Answer: Sendable {
    public var status: Int
    public var headers: [(String, String)] = []
    public var body: [UInt8] = []
    /// Closes the connection after so many bytes of the body; nil: sends it all.
    public var cut: Int?
    /// Seconds before anything is sent.
    public var delay = 0.0

    public init(_ status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }
}

/// HTTP/1.1 on a port of 127.0.0.1: a thread for each connection, connections that stay open, bodies with a length or in
/// chunks.
public final class HTTPServer: Sendable {
    public let port: Int
    private let descriptor: Int32
    private let answer: @Sendable (Incoming) -> Answer
    private let open = Locked<Set<Int32>>([])
    private let isStopped = Locked(false)

    /// - Parameters:
    ///   - port: 0: any that is free.
    ///   - answer: Called on the connection's thread.
    public init(port: Int = 0, _ answer: @escaping @Sendable (Incoming) -> Answer) throws {
        self.answer = answer
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = descriptor
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) != 0 || listen(socket, 64) != 0 || getsockname(socket, $0, &size) != 0
            }
        }
        guard !failed else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        self.port = Int(in_port_t(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in acceptConnections() }
    }

    /// Closes the port and all connections.
    public func stop() {
        guard
            !isStopped.withLock({ stopped in
                defer { stopped = true }; return stopped
            })
        else { return }
        // The thread that accepts closes it: closed here, its number might be another server's while that thread still takes it.
        shutdown(descriptor, Int32(SHUT_RDWR))
        open.withLock { $0.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    private func acceptConnections() {
        while true {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { break }
            _ = open.withLock { $0.insert(connection) }
            Thread.detachNewThread { [self] in
                serve(connection)
                _ = open.withLock { $0.remove(connection) }
                close(connection)
            }
        }
        close(descriptor)
    }

    private func serve(_ connection: Int32) {
        var input = Input(connection: connection)
        while let request = input.request() {
            let answer = answer(request)
            if answer.delay > 0 { Thread.sleep(forTimeInterval: answer.delay) }
            var head = "HTTP/1.1 \(answer.status) Answer\r\n"
            var headers = answer.headers
            if !headers.contains(where: { $0.0.lowercased() == "content-length" }) {
                headers.append(("Content-Length", "\(answer.body.count)"))
            }
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            guard send(Array((head + "\r\n").utf8), to: connection) else { return }
            if request.method != "HEAD" {
                let body = answer.cut.map { Array(answer.body.prefix($0)) } ?? answer.body
                guard send(body, to: connection), answer.cut == nil else {
                    shutdown(connection, Int32(SHUT_RDWR))
                    return
                }
            }
        }
    }

    private func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

/// Requests of one connection, one after the other.
private struct Input {
    let connection: Int32
    private var buffer: [UInt8] = []

    init(connection: Int32) { self.connection = connection }

    private mutating func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(connection, &piece, piece.count, 0)
        guard count > 0 else { return false }
        buffer += piece[..<count]
        return true
    }

    private mutating func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[..<end].filter { $0 != UInt8(ascii: "\r") }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard buffer.count < 1 << 20, fill() else { return nil }
        }
    }

    private mutating func bytes(_ count: Int) -> [UInt8]? {
        while buffer.count < count { guard fill() else { return nil } }
        let bytes = Array(buffer[..<count])
        buffer.removeFirst(count)
        return bytes
    }

    mutating func request() -> Incoming? {
        guard let first = line() else { return nil }
        let parts = first.split(separator: " ").map(String.init)
        guard parts.count == 3 else { return nil }
        var headers: [String: String] = [:]
        while let line = line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        if headers["expect"]?.lowercased() == "100-continue" {
            let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            _ = goOn.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
        var body: [UInt8] = []
        if headers["transfer-encoding"]?.lowercased() == "chunked" {
            while let size = line().flatMap({ Int($0.split(separator: ";").first ?? "", radix: 16) }) {
                guard size > 0 else {
                    while let line = line(), !line.isEmpty {}
                    break
                }
                guard let chunk = bytes(size), line() != nil else { return nil }
                body += chunk
            }
        } else if let length = headers["content-length"].flatMap({ Int($0) }), length > 0 {
            guard let all = bytes(length) else { return nil }
            body = all
        }
        let target = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        if target.count > 1 {
            for item in target[1].split(separator: "&") {
                let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                query[String(pair[0])] = pair.count > 1 ? (String(pair[1]).removingPercentEncoding ?? "") : ""
            }
        }
        return Incoming(
            method: parts[0], path: String(target[0]).removingPercentEncoding ?? String(target[0]),
            components: target[0].split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }, query: query,
            headers: headers, body: body)
    }
}
