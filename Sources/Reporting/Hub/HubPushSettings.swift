/// When a run uploads its model to the hub.
public enum HubStrategy: String, CaseIterable, Sendable {
    /// After training alone.
    case end
    /// The model of each checkpoint, too.
    case everySave = "every_save"
    /// The newest checkpoint with all that a run needs to go on, too, as `last-checkpoint`.
    case checkpoint
    /// All checkpoints, too, by their names.
    case allCheckpoints = "all_checkpoints"
}

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
}
