import Foundation
import JSON

/// Measures the emissions of a run through Python's package `codecarbon` where it is installed; otherwise one line says that it is not.
///
/// What was measured gets into the model card.
public final class CodeCarbonCallback: EmissionsCallback {
    /// What the last run caused, as far as it has been measured.
    public private(set) var emissions: CarbonEmissions?
    private var bridge: PythonBridge?

    /// Nothing is measured before a run begins.
    public init() {}

    private static let program = """
        import json, sys
        from codecarbon import EmissionsTracker
        print(json.dumps({"ready": True}), flush=True)
        tracker = None
        for line in sys.stdin:
            message = json.loads(line)
            if "begin" in message:
                tracker = EmissionsTracker(output_dir=message["begin"], log_level="error")
                tracker.start()
            else:
                tracker.stop()
                data = tracker.final_emissions_data
                print(json.dumps({
                    "kilograms": data.emissions, "energy": data.energy_consumed, "processor": data.cpu_model or "",
                    "memory": data.ram_total_size or 0, "is_on_cloud": data.on_cloud == "Y"}))
                sys.stdout.flush()
        """

    public func prepare(for arguments: TrainingArguments) throws {
        emissions = nil
        bridge = PythonBridge(Self.program)
        guard let bridge else { return Integration.sayAbsent("codecarbon") }
        try FileManager.default.createDirectory(atPath: arguments.outputDir, withIntermediateDirectories: true)
        bridge.send(["begin": .string(arguments.outputDir)])
    }

    public func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        guard let bridge else { return }
        bridge.send(["end": true])
        if let found = bridge.read(), let kilograms = found["kilograms"]?.doubleValue, let energy = found["energy"]?.doubleValue {
            let processor = if case .string(let name)? = found["processor"] { name } else { "" }
            emissions = CarbonEmissions(
                emissions: 1000 * kilograms, energyConsumed: energy, isOnCloud: found["is_on_cloud"] == .bool(true), cpuModel: processor,
                ramTotalSize: found["memory"]?.doubleValue ?? 0)
        }
        bridge.end()
        self.bridge = nil
    }
}
