import Foundation

func fixture(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/clip").appendingPathComponent(name)
}

/// The names of the images of the fixtures.
let imageNames = ((try? FileManager.default.contentsOfDirectory(atPath: fixture("images").path)) ?? []).sorted()
