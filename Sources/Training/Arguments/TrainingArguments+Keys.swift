import Optimizers
import Sampling
import Tables

/// An argument that cannot be: which one, what was given, what would be right.
public struct TrainingArgumentError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String

    public init(_ description: String) { self.description = description }
}

extension TrainingArguments {
    /// All arguments by the keys that files and the command line use, in order, as text.
    public var keysAndValues: [(key: String, value: String)] {
        Self.fields.map { ($0.key, $0.read(self)) }
    }

    public static var keys: [String] { fields.map(\.key) }

    /// Sets an argument by its key.
    ///
    /// - Throws: ``TrainingArgumentError`` for a key that does not exist, or a value that does not fit.
    public mutating func set(_ key: String, to value: String) throws {
        guard let field = Self.fields.first(where: { $0.key == key }) else {
            throw TrainingArgumentError("there is no training argument \(key); there are \(Self.keys.joined(separator: ", "))")
        }
        guard field.write(&self, value) else {
            throw TrainingArgumentError("\(key): \"\(value)\" is not \(field.expectation)")
        }
    }

    /// - Throws: ``TrainingArgumentError`` that names the first argument out of bounds.
    public func validate() throws {
        func check(_ condition: Bool, _ key: String, _ expectation: String) throws {
            guard !condition else { return }
            let value = keysAndValues.first { $0.key == key }?.value ?? ""
            throw TrainingArgumentError("\(key) is \(value), but must be \(expectation)")
        }
        try check(numTrainEpochs > 0 || maxSteps > 0, "num_train_epochs", "more than 0, unless max_steps is")
        try check(numTrainEpochs <= 1e9, "num_train_epochs", "1e9 or less")
        try check(perDeviceTrainBatchSize > 0, "per_device_train_batch_size", "1 or more")
        try check(perDeviceEvalBatchSize > 0, "per_device_eval_batch_size", "1 or more")
        try check(gradientAccumulationSteps > 0, "gradient_accumulation_steps", "1 or more")
        try check(learningRate >= 0 && learningRate.isFinite, "learning_rate", "0 or more, and finite")
        try check((0...1e15).contains(warmupSteps), "warmup_steps", "0 or more, and finite")
        try check((0...1).contains(warmupRatio), "warmup_ratio", "between 0 and 1")
        try check(weightDecay >= 0 && weightDecay.isFinite, "weight_decay", "0 or more, and finite")
        try check((0..<1).contains(adamBeta1), "adam_beta1", "at least 0 and below 1")
        try check((0..<1).contains(adamBeta2), "adam_beta2", "at least 0 and below 1")
        try check(adamEpsilon > 0, "adam_epsilon", "more than 0")
        try check(maxGradNorm >= 0, "max_grad_norm", "0 or more")
        try check(loggingSteps > 0 && loggingSteps <= 1e15, "logging_steps", "more than 0, and finite")
        try check(evalSteps.map { $0 > 0 && $0 <= 1e15 } ?? true, "eval_steps", "more than 0, and finite")
        try check(saveSteps > 0 && saveSteps <= 1e15, "save_steps", "more than 0, and finite")
        if loadBestModelAtEnd && (evalStrategy != saveStrategy || evalStrategy == .no) {
            throw TrainingArgumentError("load_best_model_at_end needs eval_strategy and save_strategy to be equal and not "
                + "\"no\"; they are \"\(evalStrategy.rawValue)\" and \"\(saveStrategy.rawValue)\"")
        }
    }

    /// How one argument is read and written as text.
    private struct Field: Sendable {
        let key: String
        let expectation: String
        let read: @Sendable (TrainingArguments) -> String
        let write: @Sendable (inout TrainingArguments, String) -> Bool

        /// - Parameter parse: Nil where the text is no such value.
        init<Value>(
            _ key: String, _ path: WritableKeyPath<TrainingArguments, Value> & Sendable, _ expectation: String,
            _ format: @escaping @Sendable (Value) -> String, _ parse: @escaping @Sendable (String) -> Value?
        ) {
            self.key = key
            self.expectation = expectation
            read = { format($0[keyPath: path]) }
            write = { arguments, text in
                guard let value = parse(text) else { return false }
                arguments[keyPath: path] = value
                return true
            }
        }

        /// A value that may be absent: `none`.
        init<Value>(
            optional key: String, _ path: WritableKeyPath<TrainingArguments, Value?> & Sendable, _ expectation: String,
            _ parse: @escaping @Sendable (String) -> Value?
        ) {
            self.init(key, path, expectation + ", or none", { $0.map { "\($0)" } ?? "none" }, { text in
                if ["none", "null", "~"].contains(text) { return .some(nil) }
                return parse(text).map { .some($0) }
            })
        }

        static func number(_ key: String, _ path: WritableKeyPath<TrainingArguments, Double> & Sendable) -> Field {
            Field(key, path, "a number", { "\($0)" }, { Double($0) })
        }

        static func count(_ key: String, _ path: WritableKeyPath<TrainingArguments, Int> & Sendable) -> Field {
            Field(key, path, "a whole number", { "\($0)" }, { Int($0) })
        }

        static func flag(_ key: String, _ path: WritableKeyPath<TrainingArguments, Bool> & Sendable) -> Field {
            Field(key, path, "true or false", { "\($0)" }, { Bool($0) })
        }

        /// One of the cases of an enumeration.
        static func choice<Value>(
            _ key: String, _ path: WritableKeyPath<TrainingArguments, Value> & Sendable, _ choices: [String],
            _ format: @escaping @Sendable (Value) -> String, _ parse: @escaping @Sendable (String) -> Value?
        ) -> Field {
            Field(key, path, "one of " + choices.joined(separator: ", "), format, parse)
        }

        static func strategy(_ key: String, _ path: WritableKeyPath<TrainingArguments, IntervalStrategy> & Sendable) -> Field {
            choice(key, path, IntervalStrategy.allCases.map(\.rawValue), { $0.rawValue }, { IntervalStrategy(rawValue: $0) })
        }
    }

    private static let fields: [Field] = [
        Field("output_dir", \.outputDir, "a path", { $0 }, { $0 }),
        .number("num_train_epochs", \.numTrainEpochs),
        .count("max_steps", \.maxSteps),
        .count("per_device_train_batch_size", \.perDeviceTrainBatchSize),
        .count("per_device_eval_batch_size", \.perDeviceEvalBatchSize),
        .count("gradient_accumulation_steps", \.gradientAccumulationSteps),
        .number("learning_rate", \.learningRate),
        .choice("lr_scheduler_type", \.lrSchedulerType, SchedulerType.allCases.map(\.rawValue),
                { $0.rawValue }, { SchedulerType(rawValue: $0) }),
        .number("warmup_steps", \.warmupSteps),
        .number("warmup_ratio", \.warmupRatio),
        .number("weight_decay", \.weightDecay),
        .number("adam_beta1", \.adamBeta1),
        .number("adam_beta2", \.adamBeta2),
        .number("adam_epsilon", \.adamEpsilon),
        .number("max_grad_norm", \.maxGradNorm),
        Field("seed", \.seed, "a whole number, 0 or more", { "\($0)" }, { UInt64($0) }),
        Field(optional: "data_seed", \.dataSeed, "a whole number, 0 or more", { UInt64($0) }),
        .choice("batch_sampler", \.batchSampler, BatchSamplers.allCases.map(\.rawValue),
                { $0.rawValue }, { BatchSamplers(rawValue: $0) }),
        .choice("multi_dataset_batch_sampler", \.multiDatasetBatchSampler, MultiDatasetBatchSamplers.allCases.map(\.rawValue),
                { $0.rawValue }, { MultiDatasetBatchSamplers(rawValue: $0) }),
        .flag("dataloader_drop_last", \.dataloaderDropLast),
        .strategy("logging_strategy", \.loggingStrategy),
        .number("logging_steps", \.loggingSteps),
        .flag("logging_first_step", \.loggingFirstStep),
        .strategy("eval_strategy", \.evalStrategy),
        Field(optional: "eval_steps", \.evalSteps, "a number", { Double($0) }),
        .strategy("save_strategy", \.saveStrategy),
        .number("save_steps", \.saveSteps),
        Field(optional: "save_total_limit", \.saveTotalLimit, "a whole number", { Int($0) }),
        .flag("load_best_model_at_end", \.loadBestModelAtEnd),
        Field(optional: "metric_for_best_model", \.metricForBestModel, "a metric's name", { $0 }),
        Field(optional: "greater_is_better", \.greaterIsBetter, "true or false", { Bool($0) }),
        .flag("disable_tqdm", \.disableTqdm),
    ]
}
