import Foundation
import JSON

extension HubClient {
    /// Fetches what a sentence embedding model is made of: configurations, tokenizer, safetensors and card in the root, and
    /// the same in the folders of its modules. Of weights in other formats, PyTorch's are fetched where a folder has no
    /// safetensors; the others stay where they are.
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
        let all = snapshot.files?.map(\.path) ?? []
        _ = try fetch(snapshot, of: repository, revision: revision) { Self.isModelFile($0, modules: modules, among: all) }
        return (folder, snapshot.commit)
    }

    private static let extensions: Set<Substring> = ["json", "txt", "model", "safetensors", "jinja", "codes"]

    static func isModelFile(_ path: String, modules: [String], among all: [String]) -> Bool {
        guard path != "README.md" else { return true }
        guard !path.contains("/") || modules.contains(where: { path.hasPrefix($0) }), let dot = path.lastIndex(of: ".") else {
            return false
        }
        if extensions.contains(path[path.index(after: dot)...]) { return true }
        func folder(_ path: String) -> Substring { path[..<(path.lastIndex(of: "/") ?? path.startIndex)] }
        return path.hasSuffix(".bin") && path.dropFirst(folder(path).count).contains("pytorch_model")
            && !all.contains { $0.hasSuffix(".safetensors") && folder($0) == folder(path) }
    }
}
