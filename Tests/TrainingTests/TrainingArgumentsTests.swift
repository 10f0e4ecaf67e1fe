import Tapestry
import Testing

@testable import Training

/// The names, defaults and limits of training arguments.
struct TrainingArgumentsTests {
    /// As Sentence Transformers has them.
    private static let defaults: [(String, String)] = [
        ("output_dir", "trainer_output"), ("num_train_epochs", "3.0"), ("max_steps", "-1"),
        ("per_device_train_batch_size", "8"), ("per_device_eval_batch_size", "8"), ("gradient_accumulation_steps", "1"),
        ("learning_rate", "5e-05"), ("optim", "adamw_torch_fused"), ("lr_scheduler_type", "linear"), ("warmup_steps", "0.0"),
        ("warmup_ratio", "0.0"),
        ("weight_decay", "0.0"), ("adam_beta1", "0.9"), ("adam_beta2", "0.999"), ("adam_epsilon", "1e-08"),
        ("max_grad_norm", "1.0"), ("seed", "42"), ("data_seed", "none"), ("batch_sampler", "batch_sampler"),
        ("multi_dataset_batch_sampler", "proportional"),
        ("dataloader_drop_last", "false"), ("logging_strategy", "steps"), ("logging_steps", "500.0"),
        ("logging_first_step", "false"), ("eval_strategy", "no"), ("eval_steps", "none"), ("save_strategy", "steps"),
        ("save_steps", "500.0"), ("save_total_limit", "none"), ("load_best_model_at_end", "false"),
        ("metric_for_best_model", "none"), ("greater_is_better", "none"), ("disable_tqdm", "false"),
    ]

    @Test func keysAndDefaultsAreThoseOfTheField() {
        let found = TrainingArguments().keysAndValues
        #expect(found.map(\.key) == Self.defaults.map(\.0))
        #expect(found.map(\.value) == Self.defaults.map(\.1))
        #expect(TrainingArguments.keys == found.map(\.key))
    }

    /// For each key a value other than the default.
    private static let others: [(String, String)] = [
        ("output_dir", "a folder"), ("num_train_epochs", "0.5"), ("max_steps", "7"), ("per_device_train_batch_size", "16"),
        ("per_device_eval_batch_size", "32"), ("gradient_accumulation_steps", "4"), ("learning_rate", "0.002"),
        ("optim", "sgd"), ("lr_scheduler_type", "constant_with_warmup"), ("warmup_steps", "12.0"), ("warmup_ratio", "0.1"),
        ("weight_decay", "0.01"), ("adam_beta1", "0.8"), ("adam_beta2", "0.99"), ("adam_epsilon", "1e-06"),
        ("max_grad_norm", "0.0"), ("seed", "7"), ("data_seed", "8"), ("batch_sampler", "no_duplicates"),
        ("multi_dataset_batch_sampler", "round_robin"),
        ("dataloader_drop_last", "true"), ("logging_strategy", "epoch"), ("logging_steps", "0.1"),
        ("logging_first_step", "true"), ("eval_strategy", "steps"), ("eval_steps", "20.0"), ("save_strategy", "no"),
        ("save_steps", "30.0"), ("save_total_limit", "2"), ("load_best_model_at_end", "true"),
        ("metric_for_best_model", "eval_spearman_cosine"), ("greater_is_better", "true"), ("disable_tqdm", "true"),
    ]

    @Test func everyKeyCanBeSetAndRead() throws {
        #expect(Self.others.map(\.0) == TrainingArguments.keys)
        var all = TrainingArguments()
        for (key, value) in Self.others {
            var one = TrainingArguments()
            try one.set(key, to: value)
            let changed = zip(one.keysAndValues, TrainingArguments().keysAndValues).filter { $0.value != $1.value }.map(\.0)
            #expect(changed.map(\.key) == [key])
            #expect(changed.map(\.value) == [value])
            try all.set(key, to: value)
        }
        #expect(all.keysAndValues.map(\.value) == Self.others.map(\.1))
        #expect(all.saveTotalLimit == 2 && all.dataSeed == 8 && all.greaterIsBetter == true && all.evalSteps == 20)
        for key in ["save_total_limit", "data_seed", "greater_is_better", "eval_steps", "metric_for_best_model"] {
            try all.set(key, to: "none")
            #expect(all.keysAndValues.first { $0.key == key }?.value == "none")
        }
    }

    @Test(arguments: [
        ("num_train_epochs", "many", "a number"), ("max_steps", "1.5", "a whole number"), ("seed", "-1", "0 or more"),
        ("lr_scheduler_type", "linea", "linear, cosine, constant, constant_with_warmup"),
        ("batch_sampler", "none", "batch_sampler, no_duplicates, group_by_label"), ("dataloader_drop_last", "yes", "true or false"),
        ("eval_strategy", "sometimes", "no, steps, epoch"), ("save_total_limit", "two", "a whole number, or none"),
        ("eval_steps", "", "a number, or none"), ("greater_is_better", "1", "true or false, or none"),
    ])
    func aValueThatDoesNotFitIsNamed(key: String, value: String, expectation: String) {
        var arguments = TrainingArguments()
        expectError(TrainingArgumentError.self, [key, "\"\(value)\"", expectation]) { try arguments.set(key, to: value) }
        #expect(arguments == TrainingArguments())
    }

    @Test func anUnknownKeyIsNamedWithThoseThatThereAre() {
        var arguments = TrainingArguments()
        expectError(TrainingArgumentError.self, ["learning_rates", "learning_rate,", "disable_tqdm"]) {
            try arguments.set("learning_rates", to: "1")
        }
    }

    @Test(arguments: [
        ("num_train_epochs", "0"), ("num_train_epochs", "-1"), ("num_train_epochs", "nan"), ("num_train_epochs", "inf"),
        ("num_train_epochs", "1e300"), ("per_device_train_batch_size", "0"), ("per_device_eval_batch_size", "-1"),
        ("gradient_accumulation_steps", "0"), ("learning_rate", "-1e-5"), ("learning_rate", "nan"), ("learning_rate", "inf"),
        ("warmup_steps", "-1"), ("warmup_steps", "inf"), ("warmup_ratio", "1.1"), ("warmup_ratio", "nan"),
        ("weight_decay", "-0.1"), ("weight_decay", "inf"), ("adam_beta1", "1"), ("adam_beta2", "-0.1"),
        ("adam_epsilon", "0"), ("max_grad_norm", "-1"), ("max_grad_norm", "nan"), ("logging_steps", "0"),
        ("logging_steps", "inf"), ("eval_steps", "-5"), ("eval_steps", "1e300"), ("save_steps", "0"), ("save_steps", "nan"),
    ])
    func aValueOutOfBoundsIsNamed(key: String, value: String) throws {
        var arguments = TrainingArguments()
        try arguments.set(key, to: value)
        expectError(TrainingArgumentError.self, [key, "must be"]) { try arguments.validate() }
    }

    @Test func valuesAtTheirBoundsAreTaken() throws {
        var arguments = TrainingArguments()
        try arguments.validate()
        for (key, value) in [
            ("learning_rate", "0"), ("warmup_ratio", "1"), ("max_grad_norm", "0"), ("adam_beta1", "0"),
            ("max_steps", "1"), ("num_train_epochs", "0"), ("save_total_limit", "0"),
        ] {
            try arguments.set(key, to: value)
        }
        try arguments.validate()
    }

    @Test(arguments: [(IntervalStrategy.no, IntervalStrategy.no), (.steps, .epoch), (.no, .steps)])
    func theBestModelNeedsEvaluationAtEachSave(evaluation: IntervalStrategy, saving: IntervalStrategy) {
        let arguments = TrainingArguments {
            $0.loadBestModelAtEnd = true
            $0.evalStrategy = evaluation
            $0.saveStrategy = saving
        }
        let words = ["load_best_model_at_end", "eval_strategy", "save_strategy", evaluation.rawValue, saving.rawValue]
        expectError(TrainingArgumentError.self, words) { try arguments.validate() }
    }

    /// A ratio is a share of all steps, 1 included, where the reference of today takes 1 for a number of steps.
    @Test(arguments: [
        (0.0, 0.0, 0), (0, 0.1, 10), (0, 0.101, 11), (3, 0.1, 3), (3.9, 0, 3), (0.25, 0.5, 25), (1, 0, 1), (0, 1, 100),
    ])
    func warmUpIsCountedAsTheReferenceDoes(steps: Double, ratio: Double, expected: Int) {
        let arguments = TrainingArguments(warmupRatio: ratio) { $0.warmupSteps = steps }
        #expect(arguments.warmupStepCount(of: 100) == expected)
    }

    @Test(arguments: [(500.0, 500), (1, 1), (0.1, 10), (0.101, 11), (0.001, 1), (0.99, 99)])
    func intervalsAreStepsOrShares(steps: Double, expected: Int) {
        #expect(TrainingArguments.interval(steps, of: 100) == expected)
    }
}
