import Foundation
import Hub
import HubServer
import Requirements
import Testing

/// A hub of its own for a test, a cache of its own, and a client of both that does not wait.
final class Scene: Sendable {
    let server: HubServer
    let folder: URL
    let notices = Locked<[String]>([])

    init(largeSize: Int = 4096, multipartSize: Int = 1 << 20) throws {
        server = try HubServer(largeSize: largeSize, multipartSize: multipartSize)
        folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("HubTests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        server.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    var cache: URL { folder.appendingPathComponent("cache", isDirectory: true) }

    func settings(token: String? = nil, _ more: [String: String] = [:]) throws -> HubSettings {
        var environment = ["HF_ENDPOINT": server.endpoint, "HF_HUB_CACHE": cache.path, "HF_HOME": folder.path]
        environment.merge(more) { $1 }
        var settings = try HubSettings(token: token, environment: environment)
        (settings.firstDelay, settings.longestDelay, settings.timeout) = (0.01, 0.05, 5)
        return settings
    }

    func client(token: String? = nil, _ change: (inout HubSettings) -> Void = { _ in }) throws -> HubClient {
        var settings = try settings(token: token)
        change(&settings)
        var client = try HubClient(settings)
        client.onNotice = { [notices] text in notices.withLock { $0.append(text) } }
        return client
    }

    /// A folder with files, to be uploaded.
    func local(_ files: [String: [UInt8]], _ name: String = "local") throws -> URL {
        let root = folder.appendingPathComponent(name, isDirectory: true)
        for (path, content) in files {
            let url = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content).write(to: url)
        }
        return root
    }
}

/// A content of some length.
func noise(_ count: Int, seed: Int = 1) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* ($0 &+ 7) >> 3) } }

func content(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

/// Expects an error of a kind whose words are all there.
@discardableResult
func expectHubError<Result>(
    _ kind: HubError.Kind, _ words: [String] = [], sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) -> HubError? {
    do {
        _ = try body()
        Issue.record("nothing was thrown, expected \(kind)", sourceLocation: sourceLocation)
    } catch let error as HubError {
        #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
        for word in words { #expect("\(error)".contains(word), "\(error) lacks \(word)", sourceLocation: sourceLocation) }
        return error
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
    return nil
}
