import Autodiff
import JSON
import Losses
import ModelFiles
import Testing

/// What losses of pairs, classes and guides refuse before training starts, and in what words.
struct PairInputsTests {
    private func message(
        _ loss: any Loss, _ columns: [String], _ labels: LossSetting.Labels? = nil, vocabulary: UInt64? = nil
    ) -> String? {
        do {
            try loss.validate(
                LossSetting(
                    textColumns: columns, labels: labels, embeddingDimension: 8, layerCount: 2, vocabularyFingerprint: { vocabulary }))
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func labels(
        _ range: ClosedRange<Double>, integers: Bool = true, distinct: Int? = 3, shape: [Int] = []
    ) -> LossSetting.Labels {
        LossSetting.Labels(shape: shape, areIntegers: integers, range: range, distinctCount: distinct)
    }

    private func expect(_ message: String?, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        for word in words {
            #expect(message?.contains(word) == true, "\(message ?? "accepted") lacks \(word)", sourceLocation: sourceLocation)
        }
    }

    @Test func anglE() {
        let loss = AnglELoss()
        #expect(message(loss, ["a", "b"], labels(0...1)) == nil)
        #expect(message(loss, ["a", "b", "c"]) == nil)
        expect(message(loss, ["a", "b"]), "AnglELoss needs a label for each row")
        expect(message(loss, ["a"]), "AnglELoss takes 2 or more text columns", "has 1: a")
        expect(message(loss, ["a", "b", "c"], labels(0...1, distinct: nil, shape: [4])), "one number a row", "[4]")
    }

    @Test func contrastive() {
        #expect(message(ContrastiveLoss(), ["a", "b"], labels(0...1, integers: false)) == nil)
        expect(message(ContrastiveLoss(), ["a", "b"], labels(0...2)), "ContrastiveLoss takes labels from 0.0 to 1.0", "from 0.0 to 2.0")
        expect(message(ContrastiveLoss(), ["a", "b", "c"], labels(0...1)), "ContrastiveLoss takes 2 text columns", "has 3: a, b, c")
        #expect(message(OnlineContrastiveLoss(), ["a", "b"], labels(0...1)) == nil)
        expect(message(OnlineContrastiveLoss(), ["a", "b"], labels(0...1, integers: false)), "labels 0 and 1", "fractions")
        expect(message(OnlineContrastiveLoss(), ["a", "b"], labels(-1...1)), "from 0.0 to 1.0", "from -1.0 to 1.0")
    }

    @Test(arguments: ["BatchAllTripletLoss", "BatchHardTripletLoss", "BatchHardSoftMarginTripletLoss", "BatchSemiHardTripletLoss"])
    func batchTriplets(_ name: String) throws {
        let loss = try LossCatalog.loss(named: name)
        #expect(message(loss, ["text"], labels(0...7)) == nil)
        expect(message(loss, ["text"]), "\(name) needs a label for each row")
        expect(message(loss, ["text", "other"], labels(0...7)), "\(name) takes 1 text column (sentence)", "has 2: text, other")
        expect(message(loss, ["text"], labels(0...1, integers: false)), "whole numbers as labels", "numbers with fractions")
        expect(message(loss, ["text"], labels(4...4, distinct: 1)), "at least two classes", "the label 4 in every row")
    }

    @Test func softmax() {
        let loss = SoftmaxLoss(embeddingDimension: 8, classCount: 3)
        #expect(message(loss, ["a", "b"], labels(0...2)) == nil)
        #expect(message(loss, ["a", "b"], labels(0...1, integers: false, distinct: nil, shape: [3])) == nil)
        expect(message(loss, ["a", "b"]), "SoftmaxLoss needs a label")
        expect(message(loss, ["a", "b"], labels(1...3)), "class numbers from 0 to 2", "numbers from 1 to 3")
        expect(message(loss, ["a", "b"], labels(-1...1)), "class numbers from 0 to 2", "numbers from -1 to 1")
        expect(message(loss, ["a", "b"], labels(0...1, integers: false)), "numbers with fractions")
        expect(message(loss, ["a", "b"], labels(1...1, distinct: 1)), "the label 1 in every row")
        expect(
            message(loss, ["a", "b"], labels(0...1, integers: false, distinct: nil, shape: [4])), "3 probabilities", "lists of shape [4]")
        expect(message(loss, ["a", "b"], labels(-2...1, integers: false, distinct: nil, shape: [3])), "lists of numbers from -2.0 to 1.0")
        expect(message(SoftmaxLoss(embeddingDimension: 6, classCount: 3), ["a", "b"], labels(0...2)), "embeddings of 6 numbers", "have 8")
        expect(message(Matryoshka(loss, dimensions: [8, 4]), ["a", "b"], labels(0...2)), "SoftmaxLoss", "full width")
        #expect(message(Matryoshka(loss, dimensions: [8]), ["a", "b"], labels(0...2)) == nil)
    }

    private struct Owl: Guide {
        var vocabularyFingerprint: UInt64? = 17
        func embeddings(of texts: [String]) -> Tensor { .ones([texts.count, 2]) }
    }

    @Test func guides() {
        let columns = ["a", "b"]
        #expect(message(GISTEmbedLoss(guide: Owl()), columns, vocabulary: 17) == nil)
        expect(message(GISTEmbedLoss(guide: Owl()), columns, vocabulary: 18), "the guide (Owl) has another tokenizer", "retokenizes: true")
        #expect(message(GISTEmbedLoss(guide: Owl(), retokenizes: true), columns, vocabulary: 18) == nil)
        #expect(message(GISTEmbedLoss(guide: Owl(vocabularyFingerprint: nil)), columns, vocabulary: 18) == nil)
        expect(message(GISTEmbedLoss(guide: nil), columns), "GISTEmbedLoss needs a guide")
        expect(message(GISTEmbedLoss(guide: Owl()), ["a"], vocabulary: 17), "2 or more text columns")
        // A wrapper asks the loss inside.
        expect(message(Matryoshka(GISTEmbedLoss(guide: Owl()), dimensions: [4]), columns, vocabulary: 18), "another tokenizer")
    }

    @Test func guidesByName() throws {
        let options: JSONObject = ["guide": .string("models/owl"), "margin_strategy": .string("relative"), "margin": .number(.init(0.1))]
        let loss =
            try LossCatalog.loss(
                named: "GISTEmbedLoss", options: options,
                surroundings: .init(guide: { path in
                    #expect(path == "models/owl")
                    return Owl()
                })) as! GISTEmbedLoss
        #expect(loss.guide is Owl && loss.marginStrategy == .relative && loss.margin == 0.1)
        let error = #expect(throws: LossInputError.self) { try LossCatalog.loss(named: "GISTEmbedLoss", options: options) }
        #expect(error?.description.contains("guide") == true)
        #expect((try LossCatalog.loss(named: "GISTEmbedLoss") as! GISTEmbedLoss).guide == nil)
    }

    @Test func optionsAreChecked() {
        func message(_ name: String, _ options: JSONObject) -> String? {
            #expect(throws: LossInputError.self) { try LossCatalog.loss(named: name, options: options) }?.description
        }
        expect(message("ContrastiveLoss", ["distance_metric": .string("COSINE")]), "COSINE_DISTANCE, EUCLIDEAN, MANHATTAN", "\"COSINE\"")
        expect(message("BatchAllTripletLoss", ["distance_metric": .string("cos")]), "euclidean_distance, cosine_distance")
        expect(message("SoftmaxLoss", [:]), "num_labels", "2 or more")
        expect(message("SoftmaxLoss", ["num_labels": .integer(3)]), "embedding_dimension")
        expect(message("GISTEmbedLoss", ["temperature": .integer(0)]), "temperature must be more than 0")
    }
}
