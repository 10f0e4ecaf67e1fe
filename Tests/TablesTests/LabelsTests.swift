import Testing
@testable import Tables

struct LabelsTests {
    @Test func wholeNumbersAreIntegersUnlessSaidOtherwise() throws {
        #expect(try Dataset.Column(values: [0, 1, -2]).areIntegers)
        #expect(try !Dataset.Column(values: [0, 0.5]).areIntegers)
        #expect(try !Dataset.Column(values: [0, 1], areIntegers: false).areIntegers)
        #expect(try !Dataset.Column(values: [1e300]).areIntegers)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func valuesMustBeFinite(value: Double) {
        #expect(
            message { try Dataset.Column(name: "score", values: [0, value]) }
                == "column \"score\": value 1 (from 0) must be finite, found \(value)")
    }

    @Test func fractionsAreNoIntegers() {
        #expect(message { try Dataset.Column(values: [1, 0.25], areIntegers: true) }.contains("whole number, found 0.25"))
    }

    @Test func labelsOutsideTheRangeAreNamedWithTheirRow() throws {
        let dataset = try csv("sentence1,sentence2,score\na,b,0.5\nc,d,4.2\ne,f,1\n")
        #expect(throws: Never.self) { try dataset.requireLabels(in: 0...5, for: "the loss") }
        #expect(
            message { try dataset.requireLabels(in: -1...1, for: "CosineSimilarityLoss") }
                == "data.csv, row 3, column \"score\": CosineSimilarityLoss needs labels in -1.0...1.0, found 4.2; "
                + "scale the labels to that range")
    }

    @Test func rowsOfTheFileAreNamedAfterShuffling() throws {
        let rows = (0..<50).map { "text \($0),\($0 == 30 ? 7 : 1)\n" }.joined()
        let (train, test) = try csv("text,label\n" + rows).shuffle(seed: 1).trainTestSplit(testSize: 0.5, seed: 2)
        let part = try #require([train, test].first { $0.columns[0].texts.contains("text 30") })
        #expect(part.columns[0].texts[30 % part.rowCount] != "text 30")
        #expect(message { try part.requireLabels(in: 0...1, for: "the loss") }.contains("data.csv, row 32,"))
    }

    @Test func linesAreNamedInJSONLines() throws {
        let dataset = try jsonLines(#"{"text": "a", "label": 1}"# + "\n" + #"{"text": "b", "label": 2}"#)
        #expect(message { try dataset.requireLabels(in: 0...1, for: "the loss") }.contains("data.jsonl, line 2,"))
    }

    @Test func absentLabelsAreNamed() throws {
        let text = message { try csv("a,b\n1,2\n").requireLabels(in: 0...1, for: "CosineSimilarityLoss") }
        #expect(text.contains("CosineSimilarityLoss needs labels in 0.0...1.0, but there is no label column"))
        #expect(text.contains("\"a\", \"b\""))
    }

    @Test func datasetsWithoutAFileNameTheIndex() throws {
        let dataset = try Dataset(["a": ["x", "y"]], labels: [0, 3], labelName: "score")
        #expect(message { try dataset.requireLabels(in: 0...1, for: "it") }.contains("\"score\": value 1 (from 0)"))
    }
}
