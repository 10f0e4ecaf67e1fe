import Foundation
import Training

/// Where and when a run uploads its model: the field's arguments `hub_model_id`, `hub_strategy` and so on.
public struct HubPushSettings: Sendable {
    /// `owner/name`; without an owner it belongs to the token's user.
    public var hubModelID: String
    /// When.
    public var hubStrategy = HubStrategy.everySave
    /// Whether a repository that is made is private; nil: as the owner's settings say.
    public var hubPrivateRepo: Bool?
    /// Goes before `HF_TOKEN`; never written anywhere.
    public var hubToken: String?
    /// The branch; nil: `main`.
    public var hubRevision: String?
    /// Uploads each checkpoint, even while one before it is still under way.
    public var hubAlwaysPush = false
    /// Puts the run's card in the place of one that the repository had before.
    public var replaceModelCard = false

    /// Uploads to a repository with each checkpoint, unless told otherwise.
    public init(hubModelID: String, _ configure: (inout HubPushSettings) -> Void = { _ in }) {
        self.hubModelID = hubModelID
        configure(&self)
    }

    /// What a run's arguments say; nil where `push_to_hub` is not set.
    public init?(_ arguments: TrainingArguments) {
        guard arguments.pushToHub else { return nil }
        self.init(hubModelID: arguments.hubModelID ?? URL(fileURLWithPath: arguments.outputDir).lastPathComponent) {
            ($0.hubStrategy, $0.hubPrivateRepo, $0.hubToken) = (arguments.hubStrategy, arguments.hubPrivateRepo, arguments.hubToken?.value)
            ($0.hubRevision, $0.hubAlwaysPush) = (arguments.hubRevision, arguments.hubAlwaysPush)
        }
    }
}
