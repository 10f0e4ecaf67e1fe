import Losses
import Testing

/// Datasets that do not fit are refused in one clear sentence.
struct LossInputsTests {
    private func message(_ loss: any Loss, _ columns: [String], label: String? = nil) -> String? {
        do {
            let labels = label.map { LossSetting.Labels(name: $0, areIntegers: false, range: 0...1, distinctCount: 5) }
            try loss.validate(LossSetting(textColumns: columns, labels: labels, embeddingDimension: 8, layerCount: 2))
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func fittingColumnsPass() {
        #expect(message(CoSENTLoss(), ["a", "b"], label: "score") == nil)
        #expect(message(TripletLoss(), ["a", "b", "c"]) == nil)
        #expect(message(MultipleNegativesRankingLoss(), ["a", "b"]) == nil)
        #expect(message(MultipleNegativesRankingLoss(), ["a", "b", "c", "d"], label: "label") == nil)
    }

    @Test func columnsAreCounted() throws {
        let triplets = try #require(message(TripletLoss(), ["question", "answer"]))
        #expect(triplets.contains("TripletLoss takes 3 text columns (anchor, positive, negative)"))
        #expect(triplets.contains("the dataset has 2: question, answer"))
        let surplus = try #require(message(CoSENTLoss(), ["id", "a", "b"], label: "score"))
        #expect(surplus.contains("remove the columns that are no inputs"))
        #expect(try #require(message(MultipleNegativesRankingLoss(), ["a"])).contains("2 or more"))
    }

    @Test func labelsAreAskedFor() throws {
        let text = try #require(message(CosineSimilarityLoss(), ["a", "b"]))
        #expect(text.contains("needs a label for each row") && text.contains("label, labels, score or scores"))
    }

    @Test(arguments: [
        ("CosentLoss", "CoSENTLoss"), ("TripleLoss", "TripletLoss"), ("MultipleNegativeRanking", "MultipleNegativesRankingLoss"),
    ])
    func unknownNamesSuggestTheNearest(_ name: String, _ nearest: String) throws {
        if name.lowercased() == nearest.lowercased() {
            #expect(try LossCatalog.loss(named: name).name == nearest)
        } else {
            let error = #expect(throws: LossInputError.self) { try LossCatalog.loss(named: name) }
            #expect(error?.description.contains("did you mean \(nearest)?") == true)
        }
    }
}
