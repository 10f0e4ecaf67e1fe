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
    ///
    /// - Parameters:
    ///   - runName: What the run is called there; nil: its output folder.
    ///   - project: What the project is called there.
    public func callback(runName: String? = nil, project: String? = nil) -> any TrainerCallback {
        switch self {
        case .tensorboard: TensorBoardCallback()
        case .wandb: WandbCallback(runName: runName, project: project)
        case .codecarbon: CodeCarbonCallback()
        }
    }

    static let notThere = Integrations.known.filter { Integration(rawValue: $0) == nil }

    static func sayAbsent(_ package: String) {
        FileHandle.standardError.write(Data("\(package) is not installed for python3, so nothing is reported to it\n".utf8))
    }
}

extension Integrations {
    /// The callbacks of those that are named and there.
    func callbacks(_ arguments: TrainingArguments) -> [any TrainerCallback] {
        Integration.allCases.filter { contains($0.rawValue) }.map { $0.callback(runName: arguments.runName, project: arguments.project) }
    }

    /// What is said of those that are named, but not there.
    var notes: [String] {
        names.filter(Integration.notThere.contains).map { name in
            "report_to: there is no \(name) here; there are \(Integration.allCases.map(\.rawValue).joined(separator: ", "))"
        }
    }
}
