import Foundation
import JSON
import Options

/// An argument that cannot be: which one, what was given, what would be right.
public typealias TrainingArgumentError = OptionError

extension TrainingArguments {
    /// All arguments by the keys that files and the command line use, in order, as text.
    public var keysAndValues: [(key: String, value: String)] { optionValues }

    /// The same with their values as JSON has them: what `init(json:)` reads.
    public var json: JSONObject { JSONObject(members: options.map { ($0.key, $0.json(of: self)) }) }

    /// The arguments of a JSON object; those that it leaves out have their defaults.
    ///
    /// - Throws: ``TrainingArgumentError`` for a key that there is not, a value that does not fit, or one out of its bounds.
    public init(json: JSONObject) throws {
        self.init()
        var members = json
        for (alias, key) in Self.aliases where members[alias] != nil { (members[key], members[alias]) = (members[alias], nil) }
        try setOptions(members, of: "training arguments")
        try validate()
    }

    /// The names of all arguments, as files and commands spell them.
    public static var keys: [String] { TrainingArguments().options.map(\.key) }

    /// Other names that the field has for some: `activation_checkpointing`.
    public static let aliases = [
        "activation_checkpointing": "gradient_checkpointing", "evaluation_strategy": "eval_strategy", "no_cuda": "use_cpu",
    ]

    /// Sets an argument by its key.
    ///
    /// - Throws: ``TrainingArgumentError`` for a key that does not exist, or a value that does not fit.
    public mutating func set(_ key: String, to value: String) throws {
        let key = Self.aliases[key] ?? key
        guard let row = options.first(where: { $0.key == key }) else {
            throw TrainingArgumentError("there is no training argument \(key); there are \(Self.keys.joined(separator: ", "))")
        }
        guard row.set(&self, to: value) else {
            throw TrainingArgumentError("\(key): \"\(value)\" is not \(row.kindOfText)")
        }
    }

    /// - Throws: ``TrainingArgumentError`` that names the first argument out of bounds.
    public func validate() throws {
        try checkOptions()
        _ = try optim.rule(beta1: adamBeta1, beta2: adamBeta2, epsilon: adamEpsilon, arguments: optimArgs)
        _ = try lrSchedulerType.schedule(
            warmupSteps: 0, totalSteps: 1, learningRate: learningRate, options: lrSchedulerKwargs ?? [:])
        if loadBestModelAtEnd && saveStrategy != .best && (evalStrategy != saveStrategy || evalStrategy == .no) {
            throw TrainingArgumentError(
                "load_best_model_at_end needs eval_strategy and save_strategy to be equal and not "
                    + "\"no\"; they are \"\(evalStrategy.rawValue)\" and \"\(saveStrategy.rawValue)\"")
        }
        let evalSteps = evalSteps ?? loggingSteps
        if loadBestModelAtEnd && saveStrategy == .steps && evalStrategy == .steps && !Self.isMultiple(saveSteps, of: evalSteps) {
            throw TrainingArgumentError(
                "load_best_model_at_end needs save_steps to be a multiple of eval_steps, so that the best "
                    + "model has a checkpoint; they are \(Self.text(saveSteps)) and \(Self.text(evalSteps))")
        }
    }

    /// What there is to say of arguments that mean another machine, or change nothing: a line each.
    public var notes: [String] {
        var notes: [String] = optim.note.map { [$0] } ?? []
        let precisions = [
            ("fp16", fp16), ("fp16_full_eval", fp16FullEval), ("bf16_full_eval", bf16FullEval), ("tf32", tf32 == true),
        ]
        notes += precisions.filter(\.1).map { "\($0.0) means a GPU; float32 is used" }
        if torchCompile || torchCompileBackend != nil || torchCompileMode != nil {
            notes.append("torch_compile means a compiler for GPUs; it changes nothing")
        }
        if labelSmoothingFactor != 0 { notes.append("label_smoothing_factor: no loss here smooths labels; it changes nothing") }
        notes += reportTo.notes
        if !predictionLossOnly { notes.append("prediction_loss_only is always true: evaluation gives losses, and evaluators give metrics") }
        return notes
    }

    /// Both numbers of updates, or both shares of all.
    private static func isMultiple(_ steps: Double, of others: Double) -> Bool {
        guard (steps < 1) == (others < 1) else { return false }
        let ratio = steps / others
        return abs(ratio - ratio.rounded()) < 1e-9
    }

    private static func text(_ steps: Double) -> String { Int(exactly: steps).map { "\($0)" } ?? "\(steps)" }

    /// The page of all arguments, for `docs/arguments.md`.
    public static var markdown: String {
        let defaults = TrainingArguments()
        func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
        return sections.map { title, rows in
            let lines = rows.map { row in
                let summary = row.summary(default: defaults)
                return "| `\(summary.key)` | \(cell(summary.value)) | `\(summary.defaultValue ?? "")` | \(cell(summary.meaning)) |"
            }
            return "## \(title)\n\n| argument | value | default | meaning |\n| --- | --- | --- | --- |\n" + lines.joined(separator: "\n")
                + "\n"
        }.joined(separator: "\n")
    }
}
