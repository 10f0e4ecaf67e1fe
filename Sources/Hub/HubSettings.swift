import Foundation

/// Where the hub is, where its cache lies, and by whose name it is asked.
public struct HubSettings: Sendable {
    /// The hub's address, without a slash at its end.
    public var endpoint: URL
    /// The folder that holds `models--…`, `datasets--…` and `.locks`.
    public var cacheFolder: URL
    /// Goes to the hub itself, and to no other host; nil: none.
    public var token: HubToken?
    /// Asks nobody: what is not in the cache is missing.
    public var isOffline: Bool
    /// Seconds without a byte after which a connection counts as broken.
    public var timeout = 10.0
    /// How often a request is sent before it counts as failed.
    public var attempts = 5
    /// Seconds before the second attempt; each later one waits twice as long, at most `longestDelay`.
    public var firstDelay = 1.0
    /// The longest wait between two attempts, in seconds.
    public var longestDelay = 30.0

    /// What the field's variables say: `HF_ENDPOINT`, `HF_HOME`, `HF_HUB_CACHE`, `HF_TOKEN`, `HF_TOKEN_PATH`,
    /// `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT`, `XDG_CACHE_HOME`.
    ///
    /// - Parameters:
    ///   - token: Goes before `HF_TOKEN` and the file `token` in `HF_HOME`.
    ///   - cacheFolder: Goes before `HF_HUB_CACHE`.
    ///   - localFilesOnly: Asks nobody, as `HF_HUB_OFFLINE=1` does.
    ///   - environment: The variables.
    /// - Throws: `HubError` of kind `invalidArgument` for an endpoint that is no address, or a token that is none.
    public init(
        token: String? = nil, cacheFolder: String? = nil, localFilesOnly: Bool = false,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func folder(_ path: String) -> URL {
            let home = value("HOME") ?? NSHomeDirectory()
            return URL(fileURLWithPath: path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path, isDirectory: true)
        }
        let home = folder(value("HF_HOME") ?? (value("XDG_CACHE_HOME") ?? "~/.cache") + "/huggingface")
        self.cacheFolder = (cacheFolder ?? value("HF_HUB_CACHE")).map(folder) ?? home.appendingPathComponent("hub", isDirectory: true)
        endpoint = try Self.endpoint(value("HF_ENDPOINT") ?? "https://huggingface.co")
        isOffline = localFilesOnly || ["1", "on", "yes", "true"].contains(value("HF_HUB_OFFLINE")?.lowercased())
        if let seconds = value("HF_HUB_DOWNLOAD_TIMEOUT").flatMap(Double.init), seconds > 0, seconds.isFinite { timeout = seconds }
        let file = value("HF_TOKEN_PATH").map(folder) ?? home.appendingPathComponent("token")
        let saved = try? String(contentsOf: file, encoding: .utf8)
        let text = token ?? value("HF_TOKEN") ?? saved?.trimmingCharacters(in: .whitespacesAndNewlines)
        self.token = try text.flatMap { $0.isEmpty && token == nil ? nil : try HubToken($0) }
    }

    private static func endpoint(_ text: String) throws -> URL {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard let url = URL(string: trimmed.hasSuffix("/") ? String(trimmed.dropLast()) : trimmed), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), url.host?.isEmpty == false, url.query == nil, url.user == nil
        else {
            throw HubError(.invalidArgument, "HF_ENDPOINT", "an address such as https://huggingface.co was expected")
        }
        return url
    }
}
