import Foundation
import JSON

/// Writes what is logged into an event file for TensorBoard: `<output_dir>/runs/<time>_<host>`, or the folder that
/// `TENSORBOARD_LOGGING_DIR` names.
///
/// Names are the original's: `train/loss`, `eval/loss`.
public final class TensorBoardCallback: TrainerCallback {
    private let folder: URL?
    private var file: EventFile?

    /// - Parameter folder: Where the event files go; nil: as said above.
    public init(folder: URL? = nil) { self.folder = folder }

    public func prepare(for arguments: TrainingArguments) throws {
        let now = Date()
        let named = ProcessInfo.processInfo.environment["TENSORBOARD_LOGGING_DIR"].map { URL(fileURLWithPath: $0) }
        let file = try EventFile(in: folder ?? named ?? Self.usualFolder(in: arguments.outputDir, at: now), at: now)
        let text = JSONValue.object(JSONObject(members: arguments.keysAndValues.map { ($0.key, .string($0.value)) }))
        try file.add(text: text.serialized(JSONStyle(indentation: 2, sortsKeys: true)), tag: "args", at: now)
        self.file = file
    }

    private static func usualFolder(in output: String, at time: Date) -> URL {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "MMMdd_HH-mm-ss"
        return URL(fileURLWithPath: output).appendingPathComponent("runs/\(format.string(from: time))_\(ProcessInfo.processInfo.hostName)")
    }

    public func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)]) {
        write { try $0.add(scalars: logs.map { (tag: Self.tag($0.key), value: $0.value) }, step: context.state.globalStep) }
    }

    public func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        write { try $0.close() }
        file = nil
    }

    /// A disk that is full ends the curves, not the training.
    private func write(_ body: (EventFile) throws -> Void) {
        guard let file else { return }
        do {
            try body(file)
        } catch {
            FileHandle.standardError.write(Data("Warning: \(file.url.path): nothing more is written: \(error.localizedDescription)\n".utf8))
            self.file = nil
        }
    }

    /// `eval_loss` is `eval/loss`, `loss` is `train/loss`.
    static func tag(_ key: String) -> String {
        for part in ["eval", "test"] where key.hasPrefix(part + "_") { return "\(part)/\(key.dropFirst(part.count + 1))" }
        return "train/\(key)"
    }
}
