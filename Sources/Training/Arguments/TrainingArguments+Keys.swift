import Options

/// An argument that cannot be: which one, what was given, what would be right.
public typealias TrainingArgumentError = OptionError

extension TrainingArguments {
    /// All arguments by the keys that files and the command line use, in order, as text.
    public var keysAndValues: [(key: String, value: String)] { optionValues }

    /// The names of all arguments, as files and commands spell them.
    public static var keys: [String] { TrainingArguments().options.map(\.key) }

    /// Sets an argument by its key.
    ///
    /// - Throws: ``TrainingArgumentError`` for a key that does not exist, or a value that does not fit.
    public mutating func set(_ key: String, to value: String) throws {
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
        if loadBestModelAtEnd && (evalStrategy != saveStrategy || evalStrategy == .no) {
            throw TrainingArgumentError(
                "load_best_model_at_end needs eval_strategy and save_strategy to be equal and not "
                    + "\"no\"; they are \"\(evalStrategy.rawValue)\" and \"\(saveStrategy.rawValue)\"")
        }
        let evalSteps = evalSteps ?? loggingSteps
        if loadBestModelAtEnd && evalStrategy == .steps && !Self.isMultiple(saveSteps, of: evalSteps) {
            throw TrainingArgumentError(
                "load_best_model_at_end needs save_steps to be a multiple of eval_steps, so that the best "
                    + "model has a checkpoint; they are \(Self.text(saveSteps)) and \(Self.text(evalSteps))")
        }
    }

    /// Both numbers of updates, or both shares of all.
    private static func isMultiple(_ steps: Double, of others: Double) -> Bool {
        guard (steps < 1) == (others < 1) else { return false }
        let ratio = steps / others
        return abs(ratio - ratio.rounded()) < 1e-9
    }

    private static func text(_ steps: Double) -> String { Int(exactly: steps).map { "\($0)" } ?? "\(steps)" }
}
