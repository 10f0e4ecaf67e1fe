import Foundation
import Tapestry
import Testing

/// Any loss is trained by its name, with options as JSON or YAML; what cannot be is refused before training.
struct TrainLossTests {
    let tool: CommandLineTool
    private let model = CommandLineTool.fixtureModel.path

    init() throws {
        tool = try CommandLineTool()
        try tool.write("pairs.csv", "anchor,positive\nA cat sits.,The cat is sitting.\nA dog runs.,A running dog.\nIt rains.,Rain falls.\n")
        try tool.write("scored.csv", CommandLineTool.pairs)
    }

    private func train(_ data: String, _ arguments: [String], by program: String = "tapestry") throws -> CommandLineTool.Result {
        try tool.run(
            ["train", "--model", model, "--train", data, "--output", "out", "--epochs", "1", "--batch-size", "3"] + arguments,
            program: program)
    }

    /// The report's text, without the places where names may break.
    private func report(_ folder: String = "out") throws -> String {
        try String(contentsOf: tool.folder.appendingPathComponent("\(folder)/report.html"), encoding: .utf8)
            .replacingOccurrences(of: "<wbr/>", with: "")
    }

    @Test(arguments: [
        ("CachedMultipleNegativesRankingLoss", #"{"scale": 5, "mini_batch_size": 2}"#),
        ("MatryoshkaLoss", #"{"matryoshka_dims": [32, 8], "loss": "MultipleNegativesRankingLoss"}"#),
        (
            "MatryoshkaLoss",
            #"{"matryoshka_dims": [32, 8], "loss": {"name": "CachedMultipleNegativesRankingLoss", "mini_batch_num_tokens": 9}}"#
        ),
        ("Matryoshka2dLoss", #"{"matryoshka_dims": [32, 8], "loss": "CachedMultipleNegativesSymmetricRankingLoss"}"#),
        ("CachedGISTEmbedLoss", #"{"guide": "MODEL", "mini_batch_size": 2}"#),
        ("MegaBatchMarginLoss", #"{"use_mini_batched_version": false}"#),
        ("DenoisingAutoEncoderLoss", "{}"), ("ContrastiveTensionLoss", "{}"),
        ("CachedAdaptiveLayerLoss", #"{"loss": "MultipleNegativesRankingLoss", "mini_batch_size": 1}"#),
    ]) func lossesByName(_ name: String, _ options: String) throws {
        let given = options.replacingOccurrences(of: "MODEL", with: model)
        let result = try train("pairs.csv", ["--loss", name, "--loss-options", given])
        #expect(result.code == 0, "\(result.errors)")
        #expect(try report().contains("mini_batch_size") == (name + options).contains("Cached"))
        #expect(try report().contains("matryoshka_dims") == options.contains("matryoshka_dims") || name.contains("2d"))
    }

    @Test func yamlHoldsALossWithItsOptions() throws {
        for (name, yaml) in [
            ("mapping", "loss: {name: CoSENTLoss, scale: 7}"), ("options", "loss: CoSENTLoss\nloss_options:\n  scale: 7"),
            ("both", "loss:\n  name: CoSENTLoss\n  scale: 1\n  similarity_fct: pairwise_dot_score\nloss-options: {scale: 7.0}"),
        ] {
            try tool.write("run.yaml", "model: \(model)\ntrain: scored.csv\noutput: \(name)\nepochs: 1\n\(yaml)\n")
            let result = try tool.run("train", "--config", "run.yaml")
            #expect(result.code == 0, "\(name): \(result.errors)")
            #expect(try report(name).contains("7.0"))
        }
        // Flags win.
        let result = try tool.run("train", "--config", "run.yaml", "--output", "flags", "--loss-options", #"{"scal": 1}"#)
        #expect(result.code == 2 && result.errors.contains("did you mean scale"))
    }

    @Test(arguments: [
        ("CachedNothing", "{}", "there is no loss named CachedNothing"),
        ("CachedMultipleNegativesRankingLoss", #"{"mini_batch_sise": 2}"#, "did you mean mini_batch_size"),
        ("CachedMultipleNegativesRankingLoss", #"{"mini_batch_size": 0}"#, "mini_batch_size must be 1 or more, not 0"),
        ("MatryoshkaLoss", #"{"matryoshka_dims": [8], "loss": "CosentLoss2"}"#, "did you mean CoSENTLoss"),
        ("CachedMatryoshkaLoss", #"{"matryoshka_dims": [8], "loss": "CachedCoSENTLoss"}"#, "a loss is cached once"),
        ("MatryoshkaLoss", #"{"matryoshka_dims": [8], "loss": {"scale": 5}}"#, "there is no name"),
        ("MatryoshkaLoss", #"{"matryoshka_dims": [8], "loss": "DenoisingAutoEncoderLoss"}"#, "no function of embeddings"),
        ("CoSENTLoss", "[1]", "--loss-options: an object was expected"),
    ]) func wrongUsage(_ name: String, _ options: String, _ message: String) throws {
        // No file is read before.
        let result = try train("nowhere.csv", ["--loss", name, "--loss-options", options])
        #expect(result.code == 2)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(!tool.exists("out"))
    }

    @Test(arguments: [
        (
            "MatryoshkaLoss", #"{"matryoshka_dims": [64], "loss": "MultipleNegativesRankingLoss"}"#,
            "dimension 64 is larger than the embeddings"
        ),
        (
            "MatryoshkaLoss", #"{"matryoshka_dims": [8], "loss": {"name": "AdaptiveLayerLoss", "loss": "MultipleNegativesRankingLoss"}}"#,
            "write AdaptiveLayer(Matryoshka(…))"
        ),
        ("GISTEmbedLoss", #"{"guide": "nowhere"}"#, "nowhere"),
        ("TripletLoss", "{}", "Losses that fit: MultipleNegativesRankingLoss"),
        ("CoSENTLoss", "{}", "needs a label for each row"),
    ]) func lossesThatDoNotFit(_ name: String, _ options: String, _ message: String) throws {
        let result = try train("pairs.csv", ["--loss", name, "--loss-options", options])
        #expect(result.code == 1)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(!tool.exists("out"))
    }

    // MARK: A loss of one's own

    @Test(arguments: [
        ("AlignmentUniformityLoss", #"{"weight": 0.5}"#), ("CachedAlignmentUniformityLoss", #"{"mini_batch_size": 2}"#),
        ("MatryoshkaLoss", #"{"matryoshka_dims": [32, 16], "loss": {"name": "AlignmentUniformityLoss", "weight": 2}}"#),
    ]) func ownLoss(_ name: String, _ options: String) throws {
        let result = try train("pairs.csv", ["--loss", name, "--loss-options", options], by: "OwnLoss")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("alignment") && result.output.contains("uniformity"))
        #expect(try report().contains("Parts of the loss"))
    }

    @Test func ownLossIsKnownByName() throws {
        #expect(try tool.run(["losses"], program: "OwnLoss").output.contains("AlignmentUniformityLoss"))
        let page = try tool.run(["losses", "AlignmentUniformityLoss"], program: "OwnLoss").output
        #expect(page.contains("weight of the uniformity") && page.contains("  OwnLoss train --model") && !page.contains("tapestry"))
        for command in [[], ["train"], ["losses"], ["loss"]] {
            let help = try tool.run(command + ["--help"], program: "OwnLoss").output
            #expect(help.contains("OwnLoss ") && !help.contains("tapestry"), "\(help)")
        }
        #expect(try train("pairs.csv", ["--loss", "AlignmentUniformityLoss"]).code == 2)
        try tool.write("row.json", #"{"embeddings": [[[1, 2]], [[2, 1]]]}"#)
        let row = try tool.run(["loss", "AlignmentUniformityLoss", "--input", "row.json"], program: "OwnLoss")
        #expect(
            row.code == 1 && row.errors.contains("row.json: embeddings: AlignmentUniformityLoss takes batches of 2 rows or more, found 1"))
        let typo = try train("pairs.csv", ["--loss", "AlignmentUniformityLoss", "--loss-options", #"{"wieght": 2}"#], by: "OwnLoss")
        #expect(typo.code == 2 && typo.errors.contains("has no option wieght; did you mean weight"), "\(typo.errors)")
    }
}

extension TrainLossTests {
    /// Inputs and label by name, by flag and in a file; what stands in an unusual place is told.
    @Test func columnsAreChosenByName() throws {
        let rows = ["positive,id,anchor,score,similarity"] + (0..<8).map { "good \($0),\($0),text \($0),\($0),0.\($0)" }
        try rows.joined(separator: "\n").write(to: tool.folder.appendingPathComponent("rows.csv"), atomically: true, encoding: .utf8)
        let rest = ["--set", "save_strategy=no", "--set", "disable_tqdm=true", "--overwrite", "--output", "out"]
        let common = ["train", "--model", CommandLineTool.fixtureModel.path, "--train", "rows.csv"] + rest

        let silent = try tool.run(common + ["--columns", "anchor, positive", "--label", "similarity", "--loss", "CosineSimilarityLoss"])
        #expect(silent.code == 0 && !silent.errors.contains("Warning"), "\(silent.errors)")
        let told = try tool.run(common + ["--columns", "id,anchor", "--loss", "MultipleNegativesRankingLoss"])
        #expect(
            told.code == 0 && told.errors.contains("Warning: MultipleNegativesRankingLoss takes columns in their order"), "\(told.errors)")
        let missing = try tool.run(common + ["--columns", "anchor,positives", "--loss", "MultipleNegativesRankingLoss"])
        #expect(missing.code == 1 && missing.errors.contains("column \"positives\": there is no such column"), "\(missing.errors)")

        try "train: rows.csv\ncolumns: [anchor, positive]\nlabel: similarity\nloss: CosineSimilarityLoss\n"
            .write(to: tool.folder.appendingPathComponent("run.yaml"), atomically: true, encoding: .utf8)
        let file = try tool.run(["train", "--model", CommandLineTool.fixtureModel.path, "--config", "run.yaml"] + rest)
        #expect(file.code == 0 && !file.errors.contains("Warning"), "\(file.errors)")
    }

    /// Each dataset with its file, loss, prompts, weight and evaluation sets.
    @Test func severalDatasetsTrainFromAFile() throws {
        let run = """
            model: \(model)
            output: out
            epochs: 1
            batch_size: 2
            eval_strategy: epoch
            learning_rate_mapping: {word_embeddings: 0.0001}
            datasets:
              sts: {file: scored.csv, loss: CoSENTLoss, prompts: "query: ", eval: scored.csv, eval_dataset: scored.csv}
              pairs:
                file: pairs.csv
                loss: {name: MultipleNegativesRankingLoss, scale: 5}
                weight: 2
            """
        try tool.write("run.yaml", run)
        let result = try tool.run("train", "--config", "run.yaml")
        #expect(result.code == 0, "\(result.errors)")
        let report = try report()
        #expect(report.contains("CoSENTLoss, MultipleNegativesRankingLoss") && report.contains("scored.csv, pairs.csv"))
        let state = try String(contentsOf: tool.folder.appendingPathComponent("out/trainer_state.json"), encoding: .utf8)
        #expect(state.contains("eval_sts_loss") && state.contains("eval_sts_spearman_cosine") && !state.contains("eval_pairs_loss"))
    }

    @Test(arguments: [
        ("datasets: {a: {fil: x}}", "dataset a has no option fil; did you mean file?"), ("datasets: [1]", "a map of names"),
        ("datasets: {a: {loss: CoSENTLoss}}", "dataset a: file is missing"),
        ("datasets: {a: {file: scored.csv, weight: x}}", "weight must be a number"),
        ("datasets: {a: {file: scored.csv, weight: -1}}", "weight of a dataset must be 0 or more"),
        ("datasets: {a: {file: scored.csv, loss: CosentLoss2}}", "did you mean CoSENTLoss"),
        ("datasets: {a: {file: scored.csv, loss_options: {scale: 1}}}", "loss_options without a loss"),
        ("datasets: {a: {file: scored.csv}}\ntrain: scored.csv", "train and datasets exclude each other"),
        ("train: scored.csv\nprompts: {sentence9: x}", "there is no column sentence9"),
        ("train: scored.csv\nlearning_rate_mapping: {nothing: 1}", "in the name of no parameter"),
        ("train: scored.csv\nreport_to: [paper]", "report_to"),
    ]) func datasetsAndMapsThatCannotBeAreNamed(_ lines: String, _ words: String) throws {
        try tool.write("run.yaml", "model: \(model)\noutput: out\n\(lines)\n")
        let result = try tool.run("train", "--config", "run.yaml")
        #expect(result.code != 0 && result.errors.contains(words), "\(result.errors)")
    }
}
