import Foundation
import Hub
import SentenceEmbeddings

extension SentenceTransformer {
    /// Uploads the model to a repository of the hub, which is made if need be, as one commit.
    ///
    /// A card that the repository has already stays as it is.
    ///
    /// - Parameters:
    ///   - name: `owner/name`; without an owner it belongs to the token's user.
    ///   - token: Goes before `HF_TOKEN`; it needs the right to write.
    ///   - isPrivate: Of a repository that is made; nil: as the owner's settings say.
    ///   - commitMessage: `Add new SentenceTransformer model` when left out.
    ///   - localModelPath: A folder that is uploaded as it is, in place of this model; its checkpoints and hidden files stay.
    ///   - allowingExisting: Whether a repository that exists may be added to.
    ///   - replaceModelCard: Puts a new card in the place of the one that is there.
    ///   - revision: A branch, which is made if need be; nil: `main`.
    ///   - createPR: Opens a pull request.
    /// - Returns: The address of the commit, or of the pull request.
    /// - Throws: `HubError`, and `ModelFileError` where the model cannot be written.
    @discardableResult
    public func pushToHub(
        _ name: String, token: String? = nil, isPrivate: Bool? = nil, commitMessage: String? = nil, localModelPath: String? = nil,
        allowingExisting: Bool = false, replaceModelCard: Bool = false, revision: String? = nil, createPR: Bool = false
    ) throws -> String {
        try pushToHub(
            name, isPrivate: isPrivate, commitMessage: commitMessage, localModelPath: localModelPath, allowingExisting: allowingExisting,
            replaceModelCard: replaceModelCard, revision: revision, createPR: createPR, client: HubClient(HubSettings(token: token)))
    }

    /// What is in a folder of training, and no part of the model.
    static let ignoredPatterns = ["_*", "checkpoint-*", "earlier-*", ".*"]
    private static let cardName = "README.md"

    package func pushToHub(
        _ name: String, isPrivate: Bool? = nil, commitMessage: String? = nil, localModelPath: String? = nil,
        allowingExisting: Bool = false, replaceModelCard: Bool = false, revision: String? = nil, createPR: Bool = false, client: HubClient
    ) throws -> String {
        let repository = try client.createRepository(
            Repository(name), isPrivate: isPrivate, allowingExisting: allowingExisting || createPR)
        if let revision { try client.createBranch(revision, of: repository) }
        let branch = revision ?? "main"
        let keepsCard = try !replaceModelCard && client.hasCard(repository, revision: branch)
        func upload(_ folder: URL, ignoring patterns: [String]) throws -> String {
            let commit = try client.uploadFolder(
                folder, to: repository, revision: branch, message: commitMessage ?? "Add new SentenceTransformer model",
                createsPullRequest: createPR, ignorePatterns: patterns + (keepsCard ? [Self.cardName] : []))
            return commit.pullRequestURL ?? commit.url
        }
        var model = self
        model.modelCardData.modelID = repository.id
        return try withTemporaryFolder { temporary in
            guard let localModelPath else {
                try model.write(to: temporary)
                if !keepsCard { try Data(ModelCard(model: model).markdown.utf8).write(to: temporary.appendingPathComponent(Self.cardName)) }
                return try upload(temporary, ignoring: [])
            }
            return try upload(URL(fileURLWithPath: localModelPath, isDirectory: true), ignoring: Self.ignoredPatterns)
        }
    }
}

extension HubClient {
    /// Whether the repository has a card already.
    func hasCard(_ repository: Repository, revision: String) throws -> Bool {
        try snapshot(of: repository, revision: revision).files?.contains { $0.path == "README.md" } ?? false
    }
}

/// Runs `body` with a new folder, which is gone afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("push-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
