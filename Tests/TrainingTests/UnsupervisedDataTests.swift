import Foundation
import Tapestry
import Testing

/// Rows that the unsupervised objectives make of plain sentences, and what they refuse.
struct UnsupervisedDataTests {
    private let sentences = (0..<100).map { "sentence \($0)" }

    @Test func oneEqualPairOpensEachGroup() throws {
        let loader = try ContrastiveTensionDataLoader(sentences: sentences, batchSize: 8, posNegRatio: 4)
        // 2 · 8 − 8 / 4 sentences a batch: 7 batches of 14, two sentences are left out.
        #expect(loader.batchCount == 7)
        #expect(loader.batches(epoch: 0).flatMap { $0 } == Array(0..<56))
        let rows = try loader.dataset(epoch: 0)
        let (first, second) = (rows.columns[0].texts, rows.columns[1].texts)
        let labels: [Double] = (0..<56).map { $0 % 4 == 0 ? 1 : 0 }
        #expect(rows.labels?.values == labels)
        for pair in 0..<56 { #expect((first[pair] == second[pair]) == (pair % 4 == 0)) }
        let used = (0..<56).flatMap { (pair: Int) -> [String] in pair % 4 == 0 ? [first[pair]] : [first[pair], second[pair]] }
        #expect(used.count == 98 && Set(used).count == 98)
        #expect(used != Array(sentences.prefix(98)))
        #expect(try loader.dataset(epoch: 0) == rows)
        #expect(try loader.dataset(epoch: 1) != rows)
        #expect(
            try ContrastiveTensionDataLoader(sentences: sentences, batchSize: 8, posNegRatio: 4, seed: 43).dataset(epoch: 0)
                == loader.dataset(epoch: 1))
    }

    @Test func trainingDealsThePairsInTheirOrder() throws {
        let folder = try TemporaryFolder()
        let model = try model("mini-bert")
        let loader = try ContrastiveTensionDataLoader(sentences: sentences, batchSize: 4, posNegRatio: 4)
        let objective = ContrastiveTensionLoss(model: model)
        let copy = ContrastiveTensionLoss(model: model.copied())
        let recorder = StepRecorder()
        let start = model.copied()
        try Trainer(
            model, objective: objective, dataset: loader,
            arguments: settings(folder, epochs: 2) {
                $0.perDeviceTrainBatchSize = 4
                $0.learningRate = 0
            }, callbacks: [recorder]
        ).train()
        let expected = try (0..<2).flatMap { epoch in
            let rows = try loader.dataset(epoch: epoch)
            return loader.batches(epoch: epoch).map { copy.value(start, TrainingBatch(rows, rows: $0, model: start)).total.item }
        }
        #expect(recorder.losses.count == expected.count)
        #expect(zip(recorder.losses, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func deletionKeepsWordsInOrder() {
        let text = "The old weaver doesn't work, by the (wide) mill-wheel; why?"
        let all = DenoisingAutoEncoderDataset.delete(text, ratio: 0, key: RandomKey(1))
        #expect(all == text)
        for seed in 0..<50 {
            let kept = DenoisingAutoEncoderDataset.delete(text, ratio: 0.6, key: RandomKey(UInt64(seed)))
            #expect(!kept.isEmpty && kept.first != " " && kept.last != " " && !kept.contains("  "))
            // A subsequence of the text.
            var rest = text[...]
            for character in kept where character != " " {
                let place = rest.firstIndex(of: character)
                #expect(place != nil)
                if let place { rest = rest[rest.index(after: place)...] }
            }
        }
        let one = DenoisingAutoEncoderDataset.delete("red, blue", ratio: 1, key: RandomKey(3))
        #expect(["red", ",", "blue"].contains(one))
        #expect(DenoisingAutoEncoderDataset.delete("", key: RandomKey(1)) == "")
        #expect(DenoisingAutoEncoderDataset.delete(" \n", key: RandomKey(1)) == " \n")
    }

    @Test func wordsDoNotGrowTogether() {
        for seed in 0..<40 {
            let kept = DenoisingAutoEncoderDataset.delete("north/south east/west", ratio: 0.5, key: RandomKey(UInt64(seed)))
            let words = kept.split { $0 == " " || $0 == "/" }.map(String.init)
            #expect(Set(words).isSubset(of: ["north", "south", "east", "west"]), "\(kept)")
        }
    }

    @Test func theShareOfDeletedWordsIsTheRatio() throws {
        let long = [String](repeating: "word", count: 400).joined(separator: " ")
        let rows = try DenoisingAutoEncoderDataset([String](repeating: long, count: 25)).dataset(epoch: 0)
        let kept = rows.columns[0].texts.map { $0.split(separator: " ").count }
        let share = Double(kept.reduce(0, +)) / 10_000
        // Four standard deviations of 10,000 draws.
        #expect(abs(share - 0.4) < 4 * (0.24 / 10_000).squareRoot())
        #expect(Set(kept).count > 5)  // each row draws for itself
        #expect(Array(rows.columns[1].texts) == [String](repeating: long, count: 25))
    }

    @Test func noiseDependsOnSeedEpochAndRowAlone() throws {
        let rows = DenoisingAutoEncoderDataset(sentences.map { $0 + " and some more words to delete" })
        #expect(try rows.dataset(epoch: 3) == rows.dataset(epoch: 3))
        #expect(try rows.dataset(epoch: 3) != rows.dataset(epoch: 4))
        let fewer = DenoisingAutoEncoderDataset(Array(rows.sentences.prefix(5)))
        #expect(try fewer.dataset(epoch: 3) == rows.dataset(epoch: 3).prefix(5))
        let other = DenoisingAutoEncoderDataset(["a b"]) { text, _ in String(text.reversed()) }
        #expect(try other.dataset(epoch: 0).columns[0].texts == ["b a"])
    }

    // MARK: Refusals

    private func expectRefused(
        _ words: [String], _ objective: @escaping (SentenceTransformer) throws -> any SentenceObjective, _ dataset: any EpochwiseDataset,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try TemporaryFolder()
        let model = try model("mini-bert")
        expectError(LossInputError.self, words, sourceLocation: sourceLocation) {
            _ = try Trainer(model, objective: objective(model), dataset: dataset, arguments: settings(folder))
        }
        #expect(try folder.content().isEmpty, sourceLocation: sourceLocation)
    }

    @Test func columnsAndLabelsThatDoNotFitAreNamed() throws {
        let one = try Dataset(["text": ["a", "b"]]), two = try Dataset(["text": ["a", "b"], "other": ["c", "d"]])
        let three = try Dataset(["a": ["a"], "b": ["b"], "c": ["c"]])
        try expectRefused(["ContrastiveTensionLoss takes 2 text columns", "has 1: text"], { ContrastiveTensionLoss(model: $0) }, one)
        try expectRefused(
            ["ContrastiveTensionLoss takes labels from 0.0 to 1.0", "2.0"], { ContrastiveTensionLoss(model: $0) },
            Dataset(["a": ["a", "b"], "b": ["b", "c"]], labels: [0, 2]))
        try expectRefused(
            ["ContrastiveTensionLossInBatchNegatives takes 1 text column (sentence)", "has 2: text, other"],
            { ContrastiveTensionLossInBatchNegatives(model: $0) }, two)
        try expectRefused(
            ["DenoisingAutoEncoderLoss takes 2 text columns (damaged, original)", "has 3: a, b, c"],
            { try DenoisingAutoEncoderLoss(model: $0) }, three)
    }

    @Test func modelsThatDoNotFitAreNamed() throws {
        let two = try Dataset(["damaged": ["a", "b"], "original": ["c", "d"]])
        let other = fixture("models/tiny-bert").path
        for isTied in [true, false] {
            try expectRefused(
                ["DenoisingAutoEncoderLoss takes a decoder with hidden_size 12", "tiny-bert has 32"],
                { try DenoisingAutoEncoderLoss(model: $0, decoderNameOrPath: other, tieEncoderDecoder: isTied) }, two)
        }
        let deep = UnsupervisedCase.folder.appendingPathComponent("deep-decoder").path
        try expectRefused(
            ["num_hidden_layers 1", "has 2"],
            { try DenoisingAutoEncoderLoss(model: $0, decoderNameOrPath: deep) }, two)
        try expectRefused(
            ["tie_encoder_decoder false", "decoder_name_or_path"],
            { try DenoisingAutoEncoderLoss(model: $0, tieEncoderDecoder: false) }, two)
        let wide = try model("tiny-bert")
        try expectRefused(
            ["DenoisingAutoEncoderLoss takes embeddings of 32", "gives 12"],
            { _ in try DenoisingAutoEncoderLoss(model: wide) }, two)
        try expectRefused(
            ["ContrastiveTensionLoss was made with a model of 32", "has 12"],
            { _ in ContrastiveTensionLoss(model: wide) }, two)
    }

    @Test func ratiosAndBatchSizesThatDoNotFitAreNamed() throws {
        for (batchSize, ratio) in [(12, 8), (8, 0), (0, 8), (8, -8)] {
            let words = ["multiple of pos_neg_ratio", "batch size of \(batchSize)", "pos_neg_ratio of \(ratio)"]
            expectError(LossInputError.self, words) {
                _ = try ContrastiveTensionDataLoader(sentences: sentences, batchSize: batchSize, posNegRatio: ratio)
            }
        }
        expectError(LossInputError.self, ["15 sentences or more", "got 14"]) {
            _ = try ContrastiveTensionDataLoader(sentences: Array(sentences.prefix(14)), batchSize: 8)
        }
        let loader = try ContrastiveTensionDataLoader(sentences: sentences, batchSize: 16)
        try expectRefused(["batches of 16", "per_device_train_batch_size 8"], { ContrastiveTensionLoss(model: $0) }, loader)
    }
}
