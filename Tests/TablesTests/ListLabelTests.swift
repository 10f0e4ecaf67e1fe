import Testing
@testable import Tables

/// Labels that are lists: vectors and scores of a teacher.
struct ListLabelTests {
    static let good = #"{"text": "x", "label": [1, 2]}"# + "\n"

    @Test func jsonLinesHoldLists() throws {
        let labels = try #require(
            try jsonLines(
                #"{"text": "a", "label": [0.5, -1]}"# + "\n" + #"{"text": "b", "label": [ 2e-1 ,3 ] }"#
            ).labels)
        #expect(labels.rowShape == [2] && labels.values == [0.5, -1, 0.2, 3] && labels.rowCount == 2 && !labels.areIntegers)
        let matrix = try #require(try jsonLines(#"{"text": "a", "scores": [[1, 2, 3], [4, 5, 6]]}"#).labels)
        #expect(matrix.rowShape == [2, 3] && matrix.values == [1, 2, 3, 4, 5, 6] && matrix.areIntegers)
    }

    @Test func fieldsHoldLists() throws {
        let labels = try #require(try csv("text,label\na,\"[0.1, 0.2]\"\nb,\"[3,4]\"\n").labels)
        #expect(labels.rowShape == [2] && labels.values == [0.1, 0.2, 3, 4])
        #expect(try csv("text,label\na,[7]\n").labels?.rowShape == [1])
        #expect(try csv("text,score\na,\"[[1], [2]]\"\n").labels?.rowShape == [2, 1])
    }

    @Test(arguments: [
        CSVErrorTests.Fault(
            good + #"{"text": "x", "label": [1, 2, 3]}"#,
            "line 2, column \"label\": all labels must have the shape of the first", "[2]", "[3]"),
        .init(good + #"{"text": "x", "label": 1}"#, "line 2, column \"label\":", "a list of shape [2], found a number"),
        .init(#"{"text": "x", "label": 1}"# + "\n" + good, "line 2, column \"label\":", "a number, found a list of shape [2]"),
        .init(good + #"{"text": "x", "label": [[1, 2]]}"#, "line 2, column \"label\":", "[2], found a list of shape [1, 2]"),
        .init(
            #"{"text": "x", "label": []}"#, "line 1, column \"label\": a label must be a number or a list of numbers, found an empty list"),
        .init(#"{"text": "x", "label": [1, ]}"#, "no JSON value begins like this", "at byte 28"),
        .init(#"{"text": "x", "label": [1, [2]]}"#, "must be alike, found the integer 1, then a list"),
        .init(#"{"text": "x", "label": [[1, 2], [3]]}"#, "must be alike, found a list of 2, then a list of 1"),
        .init(#"{"text": "x", "label": [[[1]]]}"#, "no deeper ones"),
        .init(#"{"text": "x", "label": ["1"]}"#, "line 1, column \"label\": a label must be a number", "found a list of texts"),
        .init(
            #"{"text": "x", "label": [null]}"#,
            "line 1, column \"label\": a list may hold texts, numbers or lists of numbers, found null in it"),
        .init(#"{"text": "x", "label": [NaN]}"#, "no JSON value begins like this"),
        .init(#"{"text": "x", "label": [01]}"#, "a number may not begin with 0"),
        .init(#"{"text": "x", "label": [1e999]}"#, "a value must be finite"),
        .init(#"{"text": "x", "label": [1 2]}"#, "\",\" or \"]\" was expected"),
        .init(#"{"text": "x", "label": [1"#, "the text ends inside a list"),
        .init(#"{"text": "x", "label": ["#, "the text ends where a value should begin"),
        .init(
            good + #"{"text": [1, 2], "label": [1, 2]}"#, "line 2, column \"text\": all values of a column must be of one type",
            "found a list of shape [2]"),
    ]) func malformedListsAreRefused(fault: CSVErrorTests.Fault) {
        let text = message { try jsonLines(fault.text) }
        for part in fault.expected { #expect(text.contains(part), "\(text)") }
    }

    @Test func faultsOfFieldsNameTheirRow() {
        #expect(
            message { try csv("text,score\n\"a\nb\",\"[1, 2]\"\nc,\"[1]\"\n") }.hasPrefix(
                "data.csv, row 3 (line 4), column \"score\": all labels must have the shape of the first"))
        #expect(message { try csv("text,score\na,\"[1, x]\"\n") }.hasPrefix("data.csv, row 2, column \"score\": a label must be"))
        #expect(
            message { try csv("text,score\na,\"[1, 2] 3\"\n") }.contains(
                "a label must be a number or a list of numbers, found \"[1, 2] 3\": there is text after the value's end"))
    }

    @Test(arguments: [[], [1], [3], [2, 3], [3, 1]]) func writtenListsAreReadBackEqual(shape: [Int]) throws {
        var generator = MersenneTwister(seed: 5)
        let width = shape.reduce(1, *)
        for areIntegers in [true, false] {
            let values = (0..<4 * width).map { _ in areIntegers ? Double(generator.next() % 9) - 4 : Double(generator.next()) * 1e-13 - 1e-5
            }
            let dataset = try Dataset(
                ["text": ["a", "b,c", "", "d"]],
                labels: Dataset.Column(name: "score", values: values, rowShape: shape, areIntegers: areIntegers))
            let read = try Dataset(csvBytes: dataset.csvBytes(), source: "data.csv")
            #expect(read == dataset && read.labels?.rowShape == shape)
        }
    }

    @Test func theFormIsJSON() throws {
        let labels = try Dataset.Column(values: [1, 2, 3, 4], rowShape: [2, 1])
        #expect(
            try String(decoding: Dataset(["a": ["x", "y"]], labels: labels).csvBytes(), as: UTF8.self)
                == "a,label\nx,\"[[1], [2]]\"\ny,\"[[3], [4]]\"\n")
    }

    @Test func rowsAreSelectedWhole() throws {
        let dataset = try csv("text,score\na,\"[1, 2]\"\nb,\"[3, 4]\"\nc,\"[5, 6]\"\n")
        let selected = dataset.select([2, 0, 2])
        #expect(selected.labels?.values == [5, 6, 1, 2, 5, 6] && selected.labels?.rowShape == [2])
        let (train, test) = try dataset.trainTestSplit(testSize: 1, seed: 1)
        #expect(train.labels?.rowCount == 2 && test.labels?.rowCount == 1)
        #expect(try dataset.removeColumns(["score"]).labels == nil)
    }

    @Test func anEntryOutOfRangeIsNamedByItsRow() throws {
        let dataset = try csv("text,score\na,\"[0, 1]\"\nb,\"[1, 7]\"\n").select([1, 0])
        #expect(message { try dataset.requireLabels(in: 0...1, for: "it") }.hasPrefix("data.csv, row 3, column \"score\": it needs"))
        #expect(throws: Never.self) { try dataset.requireLabels(in: 0...7, for: "it") }
    }

    @Test func numbersMustFillRows() {
        #expect(message { try Dataset.Column(values: [1, 2, 3], rowShape: [2]) }.contains("3 numbers do not fill rows of shape [2]"))
        #expect(message { try Dataset.Column(values: [], rowShape: [0]) }.contains("rows of shape [0]"))
    }
}
