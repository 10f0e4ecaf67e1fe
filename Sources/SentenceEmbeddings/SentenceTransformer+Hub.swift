import Foundation
import Hub

extension SentenceTransformer {
    /// Opens a model of the hub with a client's settings, or a folder that exists.
    ///
    /// - Parameters:
    ///   - name: A path, or a name of the hub.
    ///   - revision: A branch, a tag or a commit of the hub.
    ///   - client: Asks the hub.
    /// - Throws: `HubError`, `ModelFileError` or `TokenizerError`.
    public init(_ name: String, revision: String = "main", client: @autoclosure () throws -> HubClient) throws {
        guard let repository = Self.repository(named: name) else {
            try self.init(folder: URL(fileURLWithPath: name, isDirectory: true), among: ModuleCatalog.modules)
            return
        }
        let (folder, commit): (URL, String)
        do {
            (folder, commit) = try client().modelDownload(repository, revision: revision)
        } catch let error as HubError {
            throw HubError(error.kind, name, "there is no folder of this name, and at the hub: \(error)", status: error.status)
        }
        try self.init(folder: folder, among: ModuleCatalog.modules)
        (modelCardData.baseModel, modelCardData.baseModelRevision) = (repository.id, commit)
    }

    /// What a name means at the hub; nil for a path: what exists, and what can be no name.
    private static func repository(named name: String) -> Repository? {
        guard !FileManager.default.fileExists(atPath: name) else { return nil }
        return try? Repository(modelNamed: name)
    }
}

extension HubSettings {
    /// Settings for models, whose cache may lie where `SENTENCE_TRANSFORMERS_HOME` says.
    package static func forModels(token: String? = nil, cacheFolder: String? = nil, localFilesOnly: Bool = false) throws -> HubSettings {
        let home = ProcessInfo.processInfo.environment["SENTENCE_TRANSFORMERS_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return try HubSettings(token: token, cacheFolder: cacheFolder ?? home, localFilesOnly: localFilesOnly)
    }
}
