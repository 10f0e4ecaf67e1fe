import Foundation

/// What `report_to` may name.
public enum Integration: String, CaseIterable, Sendable {
    /// Event files.
    case tensorboard
    /// Weights & Biases, where Python's package is installed.
    case wandb
    /// Emissions, where Python's package is installed.
    case codecarbon

    /// The callback that reports there.
    public func callback(runName: String? = nil) -> any TrainerCallback {
        switch self {
        case .tensorboard: TensorBoardCallback()
        case .wandb: WandbCallback(runName: runName)
        case .codecarbon: CodeCarbonCallback()
        }
    }

    static func sayAbsent(_ package: String) {
        FileHandle.standardError.write(Data("\(package) is not installed for python3, so nothing is reported to it\n".utf8))
    }
}
