import Tapestry
import Testing

@testable import Training

/// The names, defaults and limits of training arguments.
struct TrainingArgumentsTests {
    /// As Sentence Transformers has them.
    private static let defaults: [(String, String)] = [
        ("output_dir", "trainer_output"), ("num_train_epochs", "3.0"), ("max_steps", "-1"), ("per_device_train_batch_size", "8"),
        ("per_device_eval_batch_size", "8"), ("gradient_accumulation_steps", "1"), ("auto_find_batch_size", "false"),
        ("max_memory", "none"), ("learning_rate", "5e-05"), ("learning_rate_mapping", "{}"), ("optim", "adamw_torch_fused"),
        ("optim_args", "none"), ("lr_scheduler_type", "linear"), ("lr_scheduler_kwargs", "none"), ("warmup_steps", "0.0"),
        ("warmup_ratio", "0.0"), ("weight_decay", "0.0"), ("adam_beta1", "0.9"), ("adam_beta2", "0.999"), ("adam_epsilon", "1e-08"),
        ("max_grad_norm", "1.0"), ("label_smoothing_factor", "0.0"), ("neftune_noise_alpha", "none"), ("fp16", "false"),
        ("bf16", "false"), ("fp16_full_eval", "false"), ("bf16_full_eval", "false"), ("tf32", "none"),
        ("gradient_checkpointing", "none"), ("torch_compile", "false"), ("torch_compile_backend", "none"),
        ("torch_compile_mode", "none"), ("torch_empty_cache_steps", "none"), ("eval_accumulation_steps", "none"), ("use_cpu", "false"),
        ("use_cache", "false"), ("seed", "42"), ("data_seed", "none"), ("full_determinism", "false"),
        ("batch_sampler", "batch_sampler"), ("multi_dataset_batch_sampler", "proportional"), ("prompts", "none"),
        ("router_mapping", "none"), ("dataloader_drop_last", "false"), ("dataloader_num_workers", "0"),
        ("dataloader_pin_memory", "true"), ("dataloader_persistent_workers", "false"), ("dataloader_prefetch_factor", "none"),
        ("ignore_data_skip", "false"), ("remove_unused_columns", "true"), ("train_sampling_strategy", "random"),
        ("length_column_name", "length"), ("logging_strategy", "steps"), ("logging_steps", "500.0"), ("logging_first_step", "false"),
        ("logging_nan_inf_filter", "true"), ("log_level", "passive"), ("log_level_replica", "warning"), ("report_to", "none"),
        ("run_name", "none"), ("project", "huggingface"), ("disable_tqdm", "false"), ("prediction_loss_only", "true"),
        ("eval_strategy", "no"), ("eval_steps", "none"), ("eval_delay", "0.0"), ("eval_on_start", "false"), ("save_strategy", "steps"),
        ("save_steps", "500.0"), ("save_total_limit", "none"), ("save_only_model", "false"), ("load_best_model_at_end", "false"),
        ("metric_for_best_model", "none"), ("greater_is_better", "none"), ("early_stopping_patience", "none"),
        ("early_stopping_threshold", "0.0"), ("resume_from_checkpoint", "none"), ("push_to_hub", "false"),
        ("hub_model_id", "none"), ("hub_strategy", "every_save"), ("hub_private_repo", "none"), ("hub_token", "none"),
        ("hub_revision", "none"), ("hub_always_push", "false"),
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
        ("per_device_eval_batch_size", "32"), ("gradient_accumulation_steps", "4"), ("auto_find_batch_size", "true"),
        ("max_memory", "8.0"), ("learning_rate", "0.002"), ("learning_rate_mapping", "{\"embeddings\":0.0001}"), ("optim", "sgd"),
        ("optim_args", "momentum=0.9"), ("lr_scheduler_type", "constant_with_warmup"), ("lr_scheduler_kwargs", "{\"num_cycles\":2}"),
        ("warmup_steps", "12.0"), ("warmup_ratio", "0.1"), ("weight_decay", "0.01"), ("adam_beta1", "0.8"), ("adam_beta2", "0.99"),
        ("adam_epsilon", "1e-06"), ("max_grad_norm", "0.0"), ("label_smoothing_factor", "0.1"), ("neftune_noise_alpha", "5.0"),
        ("fp16", "true"), ("bf16", "true"), ("fp16_full_eval", "true"), ("bf16_full_eval", "true"), ("tf32", "true"),
        ("gradient_checkpointing", "true"), ("torch_compile", "true"), ("torch_compile_backend", "inductor"),
        ("torch_compile_mode", "default"), ("torch_empty_cache_steps", "3"), ("eval_accumulation_steps", "2"), ("use_cpu", "true"),
        ("use_cache", "true"), ("seed", "7"), ("data_seed", "8"), ("full_determinism", "true"), ("batch_sampler", "no_duplicates"),
        ("multi_dataset_batch_sampler", "round_robin"), ("prompts", "query: "), ("router_mapping", "{\"question\":\"query\"}"),
        ("dataloader_drop_last", "true"), ("dataloader_num_workers", "2"), ("dataloader_pin_memory", "false"),
        ("dataloader_persistent_workers", "true"), ("dataloader_prefetch_factor", "2"), ("ignore_data_skip", "true"),
        ("remove_unused_columns", "false"), ("train_sampling_strategy", "sequential"), ("length_column_name", "size"),
        ("logging_strategy", "epoch"), ("logging_steps", "0.1"), ("logging_first_step", "true"), ("logging_nan_inf_filter", "false"),
        ("log_level", "debug"), ("log_level_replica", "error"), ("report_to", "tensorboard,wandb"), ("run_name", "first"),
        ("project", "mine"), ("disable_tqdm", "true"), ("prediction_loss_only", "false"), ("eval_strategy", "steps"),
        ("eval_steps", "20.0"), ("eval_delay", "3.0"), ("eval_on_start", "true"), ("save_strategy", "no"), ("save_steps", "30.0"),
        ("save_total_limit", "2"), ("save_only_model", "true"), ("load_best_model_at_end", "true"),
        ("metric_for_best_model", "eval_spearman_cosine"), ("greater_is_better", "true"), ("early_stopping_patience", "3"),
        ("early_stopping_threshold", "0.5"), ("resume_from_checkpoint", "true"),
        ("push_to_hub", "true"), ("hub_model_id", "me/mine"), ("hub_strategy", "end"), ("hub_private_repo", "true"),
        ("hub_revision", "next"), ("hub_always_push", "true"),
    ]

    @Test func everyKeyCanBeSetAndRead() throws {
        // A token is taken, and never told.
        let shown = TrainingArguments.keys.filter { $0 != "hub_token" }
        #expect(Self.others.map(\.0) == shown)
        var all = TrainingArguments()
        for (key, value) in Self.others {
            var one = TrainingArguments()
            try one.set(key, to: value)
            let changed = zip(one.keysAndValues, TrainingArguments().keysAndValues).filter { $0.value != $1.value }.map(\.0)
            #expect(changed.map(\.key) == [key])
            #expect(changed.map(\.value) == [value])
            try all.set(key, to: value)
        }
        #expect(all.keysAndValues.filter { $0.key != "hub_token" }.map(\.value) == Self.others.map(\.1))
        #expect(all.saveTotalLimit == 2 && all.dataSeed == 8 && all.greaterIsBetter == true && all.evalSteps == 20)
        for key in ["save_total_limit", "data_seed", "greater_is_better", "eval_steps", "metric_for_best_model"] {
            try all.set(key, to: "none")
            #expect(all.keysAndValues.first { $0.key == key }?.value == "none")
        }
    }

    @Test(arguments: [
        ("num_train_epochs", "many", "a number"), ("max_steps", "1.5", "a whole number"), ("seed", "-1", "0 or more"),
        ("lr_scheduler_type", "linea", "linear, cosine, cosine_with_restarts"),
        ("batch_sampler", "none", "batch_sampler, no_duplicates, no_duplicates_hashed, group_by_label"),
        ("dataloader_drop_last", "yes", "true or false"),
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
        expectError(TrainingArgumentError.self, ["learning_rates", "learning_rate,", "hub_always_push"]) {
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

    @Test func aTokenIsNeverShown() throws {
        var arguments = TrainingArguments()
        try arguments.set("hub_token", to: "hf_secret")
        #expect(arguments.hubToken?.value == "hf_secret")
        let shown = "\(arguments) \(arguments.keysAndValues) \(arguments.json)" + String(reflecting: arguments)
        #expect(!shown.contains("hf_secret"))
    }

    /// JSON says all of them, but for the token, with types.
    @Test func argumentsAreReadFromJSON() throws {
        var all = TrainingArguments()
        for (key, value) in Self.others where !["load_best_model_at_end", "max_memory", "lr_scheduler_kwargs"].contains(key) {
            if value != "true" || !["fp16", "fp16_full_eval"].contains(key) { try all.set(key, to: value) }
        }
        let text = JSONValue.object(all.json).serialized(.compact)
        guard case .object(let object) = try JSONValue.parse(Array(text.utf8)) else { return }
        #expect(try TrainingArguments(json: object) == all)
        let few = try TrainingArguments(json: [
            "activation_checkpointing": true, "report_to": ["wandb"], "prompts": ["nq": ["question": "query: "]],
            "lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": ["power": 2], "resume_from_checkpoint": "run/checkpoint-5",
        ])
        #expect(few.gradientCheckpointing == true && few.reportTo.contains("wandb") && !few.reportTo.contains("codecarbon"))
        #expect(few.prompts == ["nq": ["question": "query: "]] && few.resumeFromCheckpoint == .path("run/checkpoint-5"))
        for (wrong, words) in [
            (JSONObject(members: [("learning_rte", 1)]), "did you mean learning_rate"), (["fp16": true, "bf16": true], "bf16"),
            (["optim": "sgd", "optim_args": "momentun=1"], "momentum"), (["lr_scheduler_kwargs": ["power": 2]], "power"),
            (["lr_scheduler_type": "greedy"], "eval_strategy"), (["save_strategy": "best"], "save_strategy"),
            (["max_memory": 4], "max_memory"), (["report_to": "paper"], "report_to"), (["eval_strategy": "best"], "eval_strategy"),
            (["prompts": 3], "prompts"), (["learning_rate_mapping": ["a": -1]], "learning_rate_mapping"),
            (["resume_from_checkpoint": false], "resume_from_checkpoint"), (["num_train_epochs": "3"], "num_train_epochs"),
        ] {
            expectError(TrainingArgumentError.self, [words]) { _ = try TrainingArguments(json: wrong) }
        }
    }

    @Test func whatMeansAnotherMachineSaysSo() {
        let arguments = TrainingArguments {
            ($0.fp16, $0.tf32, $0.torchCompile, $0.optim, $0.labelSmoothingFactor) = (true, true, true, .adamwBNB8Bit, 0.1)
        }
        #expect(arguments.notes.count == 5 && arguments.notes[0].contains("adamw_bnb_8bit") && arguments.notes[1].contains("fp16"))
        #expect(TrainingArguments().notes.isEmpty)
    }

    /// The page is written by `tapestry arguments --markdown`.
    @Test func thePageOfArgumentsIsThatOfTheRows() throws {
        let page = fixture("").deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/arguments.md")
        #expect(try String(contentsOf: page, encoding: .utf8).hasSuffix(TrainingArguments.markdown))
    }
}
