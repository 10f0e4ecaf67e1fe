import JSON
import ModelFiles

/// A callback that has to know, when a run goes on from a checkpoint, what it knew when that was written.
///
/// The run's `trainer_state.json` holds its state under `stateful_callbacks`, as the original's does.
public protocol StatefulTrainerCallback: TrainerCallback {
    /// By which its state is found again.
    var stateName: String { get }
    /// What it was made with: `early_stopping_patience`. A run that goes on keeps what its own callback was made with.
    var stateArguments: JSONObject { get }
    /// What changes during a run: `early_stopping_patience_counter`.
    var stateAttributes: JSONObject { get }

    /// Takes what `stateAttributes` gave.
    ///
    /// - Throws: `ModelFileError` for a key that is missing or no such value.
    func restore(_ attributes: inout JSONFields) throws
}

extension StatefulTrainerCallback {
    public var stateName: String { String(describing: Self.self) }
    public var stateArguments: JSONObject { JSONObject() }
}
