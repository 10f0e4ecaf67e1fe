import Foundation

/// Where files lie that can be made again: `TAPESTRY_CACHE`, or `tapestry` in the user's cache folder.
package enum CacheFolder {
    package static var url: URL {
        let environment = ProcessInfo.processInfo.environment
        func folder(_ name: String) -> URL? { environment[name].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0) } }
        return folder("TAPESTRY_CACHE")
            ?? (folder("XDG_CACHE_HOME") ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache"))
            .appendingPathComponent("tapestry")
    }
}
