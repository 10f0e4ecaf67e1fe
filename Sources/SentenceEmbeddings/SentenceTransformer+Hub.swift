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
        let (folder, origin) = try Self.folder(name, revision: revision, client: client())
        try self.init(folder: folder, among: ModuleCatalog.modules)
        if let origin { (modelCardData.baseModel, modelCardData.baseModelRevision) = (origin.id, origin.commit) }
    }

    /// The folder of a name, and the repository and commit that it was fetched from; nil for a path.
    ///
    /// - Throws: `HubError` for what cannot be fetched.
    package static func folder(
        _ name: String, revision: String = "main", client: @autoclosure () throws -> HubClient
    ) throws -> (folder: URL, origin: (id: String, commit: String)?) {
        guard let repository = repository(named: name) else { return (URL(fileURLWithPath: name, isDirectory: true), nil) }
        do {
            let (folder, commit) = try client().modelDownload(repository, revision: revision)
            return (folder, (repository.id, commit))
        } catch let error as HubError {
            throw HubError(error.kind, name, "there is no folder of this name, and at the hub: \(error)", status: error.status)
        }
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
