import Foundation
import HubServer
import Requirements
import Tapestry
import Testing

/// A hub and a cache of its own for a test, with the fixture model at the hub.
final class Scene: Sendable {
    let server: HubServer
    let folder: URL
    let notices = Locked<[String]>([])

    init() throws {
        server = try HubServer()
        folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("HubModelTests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        server.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    func client(token: String? = HubServer.token, _ change: (inout HubSettings) -> Void = { _ in }) throws -> HubClient {
        var settings = try HubSettings(
            token: token,
            environment: [
                "HF_ENDPOINT": server.endpoint, "HF_HUB_CACHE": folder.appendingPathComponent("cache").path, "HF_HOME": folder.path,
            ])
        (settings.firstDelay, settings.longestDelay) = (0.01, 0.05)
        change(&settings)
        var client = try HubClient(settings)
        client.onNotice = { [notices] text in notices.withLock { $0.append(text) } }
        return client
    }

    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
}

let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")
let fixtureModel = fixtures.appendingPathComponent("models/tiny-bert")

func pairs() throws -> Dataset { try Dataset(contentsOf: fixtures.appendingPathComponent("training/pairs.csv")) }
