import Foundation
import JSON

/// Logs to Weights & Biases, through Python's package `wandb` where it is installed; otherwise one line says that it is not.
///
/// Names are the original's: `train/loss`, `eval/loss`. The project is `WANDB_PROJECT`, or `sentence-transformers`.
public final class WandbCallback: TrainerCallback {
    private let runName, project: String?
    private var bridge: PythonBridge?

    /// - Parameters:
    ///   - runName: What the run is called there; nil: its output folder.
    ///   - project: What the project is called there; nil or the field's default: as said above.
    public init(runName: String? = nil, project: String? = nil) {
        (self.runName, self.project) = (runName, project == "huggingface" ? nil : project)
    }

    private static let program = """
        import json, sys
        import wandb
        run = None
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            message = json.loads(line)
            if "begin" in message:
                run = wandb.init(project=message["project"], name=message["begin"], config=message["config"])
            elif "log" in message:
                wandb.log({**message["log"], "train/global_step": message["step"]})
            elif "end" in message:
                wandb.finish()
        """

    public func prepare(for arguments: TrainingArguments) throws {
        bridge = PythonBridge(Self.program)
        guard let bridge else { return Integration.sayAbsent("wandb") }
        bridge.send([
            "begin": .string(runName ?? arguments.outputDir),
            "project": .string(project ?? ProcessInfo.processInfo.environment["WANDB_PROJECT"] ?? "sentence-transformers"),
            "config": .object(JSONObject(members: arguments.keysAndValues.map { ($0.key, .string($0.value)) })),
        ])
    }

    public func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)]) {
        let members = logs.map { (TensorBoardCallback.tag($0.key), JSONValue.finite($0.value)) }
        bridge?.send(["log": .object(JSONObject(members: members)), "step": .integer(context.state.globalStep)])
    }

    public func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        bridge?.send(["end": true])
        bridge?.end()
        bridge = nil
    }
}
