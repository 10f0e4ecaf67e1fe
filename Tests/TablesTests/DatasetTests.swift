import Testing
@testable import Tables

struct DatasetTests {
    static func numbered(_ count: Int) throws -> Dataset {
        try Dataset(
            ["anchor": (0..<count).map { "a\($0)" }, "positive": (0..<count).map { "p\($0)" }],
            labels: (0..<count).map(Double.init), labelName: "score")
    }

    @Test func literalsKeepTheOrderOfColumns() throws {
        let dataset = try Dataset(["b": ["1", "2"], "a": ["3", "4"]], labels: [0.5, 1])
        #expect(dataset.columnNames == ["b", "a"])
        #expect(dataset.rowCount == 2)
        #expect(try dataset.column(named: "a") == ["3", "4"])
        #expect(dataset.labels?.name == "label")
        #expect(dataset.labels?.values == [0.5, 1])
        #expect(dataset.labels?.areIntegers == false)
        #expect(dataset.source == nil)
    }

    @Test func wrongColumnsAreRefused() {
        #expect(message { try Dataset([:]) }.contains("at least one column beside the label"))
        #expect(
            message { try Dataset(["a": ["1", "2"], "b": ["1"]]) }
                == "column \"b\": has 1 rows, but column \"a\" has 2: all columns must have the same number")
        #expect(message { try Dataset(["a": ["1", "2"]], labels: [1]) }.contains("column \"label\": has 1 rows"))
        #expect(message { try Dataset(["a": ["1"], "a": ["1"]]) }.contains("columns 1 and 2 have the same name"))
        #expect(message { try Dataset(["score": ["1"]], labels: [1], labelName: "score") }.contains("same name"))
        #expect(message { try Dataset(["a": ["1"], "": ["1"]]) }.contains("column 2 has an empty name"))
        #expect(message { try Dataset([" a": ["1"]]) }.contains("white space"))
    }

    @Test func unknownColumnListsTheAvailable() throws {
        let dataset = try Self.numbered(1)
        #expect(
            message { try dataset.column(named: "query") }
                == "column \"query\": there is no such text column; the text columns are \"anchor\", \"positive\"")
        #expect(message { try dataset.column(named: "score") }.contains("it is the label column"))
    }

    @Test func equalityIsByBytes() throws {
        let composed = try Dataset(["a": ["\u{E9}"]]), decomposed = try Dataset(["a": ["e\u{301}"]])
        #expect(composed != decomposed)
        #expect(try composed == Dataset(["a": ["\u{E9}"]]))
    }

    @Test func rowsAreSelectedInOrder() throws {
        let dataset = try Self.numbered(5).select([4, 0, 4])
        #expect(dataset.columns[0].texts == ["a4", "a0", "a4"])
        #expect(dataset.columns[1].texts == ["p4", "p0", "p4"])
        #expect(dataset.labels?.values == [4, 0, 4])
        #expect(dataset.labels?.areIntegers == true)
        #expect(try Self.numbered(5).prefix(2) == Self.numbered(2))
        #expect(try Self.numbered(5).prefix(9) == Self.numbered(5))
    }

    @Test func columnsAreSelectedExactly() throws {
        let dataset = try Self.numbered(2)
        let swapped = try dataset.selectColumns(["positive", "score", "anchor"])
        #expect(swapped.columnNames == ["positive", "anchor"])
        #expect(swapped.labels == dataset.labels)
        #expect(try dataset.selectColumns(["anchor"]).labels == nil)
        #expect(try dataset.removeColumns(["anchor"]).columnNames == ["positive"])
        #expect(try dataset.removeColumns(["anchor"]).labels == dataset.labels)
        #expect(try dataset.removeColumns(["score"]).labels == nil)
        #expect(message { try dataset.selectColumns(["x"]) }.contains("\"anchor\", \"positive\", \"score\""))
        #expect(message { try dataset.removeColumns(["x"]) }.contains("column \"x\": there is no such column"))
        #expect(message { try dataset.selectColumns(["score"]) }.contains("no input column would be left"))
        #expect(message { try dataset.selectColumns(["anchor", "anchor"]) }.contains("same name"))
    }

    @Test func shufflingKeepsRowsTogether() throws {
        let dataset = try Self.numbered(40), shuffled = dataset.shuffle(seed: 3)
        #expect(shuffled != dataset)
        #expect(shuffled == dataset.shuffle(seed: 3))
        #expect(shuffled != dataset.shuffle(seed: 4))
        let values = try #require(shuffled.labels?.values)
        #expect(values.sorted() == (0..<40).map(Double.init))
        #expect(shuffled.columns[0].texts.elementsEqual(values.map { "a\(Int($0))" }))
        #expect(shuffled.columns[1].texts.elementsEqual(values.map { "p\(Int($0))" }))
    }

    @Test func splittingPutsEachRowInOnePart() throws {
        let (train, test) = try Self.numbered(30).trainTestSplit(testSize: 0.1, seed: 8)
        #expect(train.rowCount == 27)
        #expect(test.rowCount == 3)
        #expect((Array(train.columns[0].texts) + test.columns[0].texts).sorted() == (0..<30).map { "a\($0)" }.sorted())
        let again = try Self.numbered(30).trainTestSplit(testSize: 0.1, seed: 8)
        #expect(again == (train, test))
    }

    @Test(arguments: [0, 1, -0.5, Double.nan])
    func fractionMustLieBetweenZeroAndOne(fraction: Double) throws {
        let dataset = try Self.numbered(30)
        #expect(message { try dataset.trainTestSplit(testSize: fraction, seed: 1) }.contains("between 0 and 1"))
    }

    @Test func noPartMayBeEmpty() throws {
        let dataset = try Self.numbered(4)
        #expect(message { try dataset.trainTestSplit(testSize: 0, seed: 1) }.contains("of 4 rows 0 would be test rows"))
        #expect(message { try dataset.trainTestSplit(testSize: 0.99, seed: 1) }.contains("of 4 rows 4 would be test rows"))
    }
}
