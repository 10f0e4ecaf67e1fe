import Foundation
import JSON

extension HubClient {
    /// Fetches what a sentence embedding model is made of: configurations, tokenizer, safetensors and card in the root, and
    /// the same in the folders of its modules. Weights in other formats stay where they are.
    ///
    /// - Returns: The folder of the snapshot in the cache, and its commit.
    package func modelDownload(_ repository: Repository, revision: String = "main") throws -> (folder: URL, commit: String) {
        let snapshot = try snapshotOrCached(of: repository, revision: revision)
        let list = "modules.json"
        let folder = try fetch(snapshot, of: repository, revision: revision) { $0 == list }
        var modules: [String] = []
        if let data = try? Data(contentsOf: folder.appendingPathComponent(list)),
            case .array(let entries)? = try? JSONValue.parse([UInt8](data))
        {
            for case .object(let entry) in entries {
                if case .string(let path)? = entry["path"], !path.isEmpty { modules.append(path.hasSuffix("/") ? path : path + "/") }
            }
        }
        _ = try fetch(snapshot, of: repository, revision: revision) { Self.isModelFile($0, modules: modules) }
        return (folder, snapshot.commit)
    }

    private static let extensions: Set<Substring> = ["json", "txt", "model", "safetensors", "jinja", "codes"]

    static func isModelFile(_ path: String, modules: [String]) -> Bool {
        guard path != "README.md" else { return true }
        guard let dot = path.lastIndex(of: "."), extensions.contains(path[path.index(after: dot)...]) else { return false }
        return !path.contains("/") || modules.contains { path.hasPrefix($0) }
    }
}
