import Foundation

/// Where the files that come with the library lie.
enum Resources {
    /// In this order: where `make install` puts them, beside a program that a package builds, in the sources.
    static var places: [URL] {
        let program = (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments.first ?? ""))
            .resolvingSymlinksInPath().deletingLastPathComponent()
        return [
            program.deletingLastPathComponent().appendingPathComponent("share/tapestry", isDirectory: true),
            program.appendingPathComponent("Tapestry_Tapestry.resources", isDirectory: true),
            URL(fileURLWithPath: #filePath).deletingLastPathComponent(),
        ]
    }

    /// The file or folder of this name; where there is none, the first place that it should be in.
    static func url(_ name: String) -> URL {
        let candidates = places.map { $0.appendingPathComponent(name) }
        return candidates.first { FileManager.default.fileExists(atPath: $0.path) } ?? candidates[0]
    }
}
