import Testing
@testable import Tables

/// Which columns are inputs and which is the label: by the rule of the field, or by the task.
struct RolesTests {
    @Test func theTaskGivesRoles() throws {
        let dataset = try csv(
            "id,anchor,positive,similarity,label\n7,a,b,0.5,x\n8,c,d,1,y\n", inputs: ["id", "label", "anchor", "positive", "similarity"])
        #expect(dataset.labels == nil && dataset.columnNames == ["id", "label", "anchor", "positive", "similarity"])
        let pairs = try dataset.selecting(inputs: ["positive", "anchor"], label: "similarity")
        #expect(pairs.columnNames == ["positive", "anchor"] && pairs.labels?.name == "similarity" && pairs.labels?.values == [0.5, 1])
        #expect(
            try csv("a,b,gold,x\n1,2,3,4\n", inputs: ["b"], labelColumn: "gold") == Dataset(["b": ["2"]], labels: [3], labelName: "gold"))
        #expect(try jsonLines(#"{"label": "x", "a": "b"}"#, inputs: ["a"]) == Dataset(["a": ["b"]]))
        #expect(throws: Never.self) { try pairs.selecting(inputs: ["similarity"], label: nil) }
    }

    @Test func rolesSurviveSelections() throws {
        let dataset = try csv("rank,text,score\n1,a,5\n2,b,6\n", labelColumn: "rank")
        #expect(dataset.columnNames == ["text", "score"] && dataset.labels?.name == "rank")
        #expect(try dataset.removeColumns(["rank"]).labels == nil)
        #expect(try dataset.removeColumns(["text"]).labels?.name == "rank")
        #expect(dataset.shuffle(seed: 1).labels?.name == "rank")
    }

    @Test func labelsAreNumbersOfOneShape() throws {
        let texts = Dataset.Column(name: "text", texts: ["a", "b"])
        func refusal(_ label: Dataset.Column) -> String { message { try Dataset(columns: [texts], labels: label) } }
        #expect(
            refusal(.init(name: "label", texts: ["1", "2"]))
                == "column \"label\": value 0 (from 0): a label must be a number, found the text \"1\"; give a column of texts another name"
        )
        #expect(
            try refusal(.init(name: "y", numberLists: [[1, 2], [3]]))
                == "column \"y\": value 1 (from 0): all labels must have the shape of the first, which is a list of shape [2], found a list of shape [1]"
        )
        #expect(
            try refusal(.init(name: "y", numberLists: [[], [3]])).contains(
                "value 0 (from 0): a label's list must hold a number at each place"))
        #expect(refusal(.init(name: "y", textLists: [["1"], ["2"]])).contains("found a list of texts"))
        #expect(try Dataset(columns: [texts], labels: .init(name: "y", numberLists: [[1, 2], [3, 4]])).labels?.rowShape == [2])
        let refused = message { try csv("text,label\na,\"[1, 2]\"\nb,\"[1]\"\n").labels }
        #expect(refused.hasPrefix("data.csv, row 3, column \"label\": all labels must have the shape of the first"))
    }

    @Test func wrongRolesAreRefused() throws {
        let dataset = try DatasetTests.numbered(2)
        #expect(
            message { try dataset.selecting(inputs: ["anchor"], label: "gold") }
                == "column \"gold\": there is no such column; the columns are \"anchor\", \"positive\", \"score\"")
        #expect(message { try dataset.selecting(inputs: ["gold"]) }.hasPrefix("column \"gold\": there is no such column"))
        #expect(message { try dataset.selecting(inputs: []) }.contains("at least one input column"))
        #expect(message { try dataset.selecting(inputs: ["anchor", "anchor"]) }.contains("same name"))
        #expect(message { try dataset.selecting(inputs: ["anchor"], label: "anchor") }.contains("same name"))
        #expect(
            message { try dataset.selecting(inputs: ["positive"], label: "anchor") }.contains("value 0 (from 0): a label must be a number"))
    }

    @Test func whatIsHardlyMeantIsRemarked() throws {
        #expect(try csv("id,anchor,positive\n1,a,b\n").remarks.map { $0.prefix(11) } == ["column \"id\""])
        #expect(try csv("pair_id,positive,x,anchor\n1,a,b,c\n").remarks.count == 2)
        let order = try csv("hypothesis,premise,label\na,b,1\n").remarks
        #expect(
            order.count == 1
                && order[0].contains("\"hypothesis\", \"premise\" stand in another order than usual, which is \"premise\", \"hypothesis\""))
        #expect(try csv("anchor,positive,negative,negative_2,label\na,b,c,d,1\n").remarks.isEmpty)
        #expect(try csv("id,a,b\n1,x,y\n", inputs: ["a", "b"]).remarks.isEmpty)
    }

    // MARK: - Numbers as a model takes them

    @Test func columnsOfNumbersAloneAreADataset() throws {
        let dataset = try Dataset(["width": [1, 2, 3], "height": [4, 5, 6.5]], labels: [10, 20, 30])
        #expect(dataset.columnNames == ["width", "height"] && dataset.rowCount == 3)
        let (values, shape) = try dataset.numbers(rows: [2, 0])
        #expect(values == [3, 6.5, 1, 4] && shape == [2, 2])
        #expect(try dataset.numbers().values == [1, 4, 2, 5, 3, 6.5])
        #expect(try csv("width,height,label\n1,4,10\n2,5,20\n3,6.5,30\n").numbers().values == dataset.numbers().values)
        let (train, test) = try dataset.trainTestSplit(testSize: 1, seed: 1)
        #expect(train.rowCount == 2 && test.rowCount == 1)
    }

    @Test func listsStandBesideNumbers() throws {
        let dataset = try jsonLines(ColumnTests.mixed)
        let (values, shape) = try dataset.numbers(columns: ["box", "size"], rows: [0, 1])
        #expect(values == [0.5, 2, 1, 1, 3, 2.5] && shape == [2, 3])
        #expect(try dataset.numbers(columns: ["size"]).shape == [3, 1])
        #expect(try dataset.numbers(columns: ["box"]).shape == [3, 2])
        #expect(try dataset.numbers(columns: ["map"], rows: [1]).values == [5, 6, 7, 8])
        #expect(try dataset.numbers(columns: ["map"], rows: [1]).shape == [1, 2, 2])
        #expect(message { try dataset.numbers(columns: ["size", "map"]) }.hasPrefix("data.jsonl, column \"map\": lists of lists cannot"))
        #expect(
            message { try dataset.numbers(columns: ["gains"]) }.hasPrefix("data.jsonl, line 2, column \"gains\": a value's list must hold"))
        #expect(
            message { try dataset.numbers(columns: ["query"]) }.hasPrefix("data.jsonl, line 1, column \"query\": a value must be a number"))
        #expect(message { try dataset.numbers(columns: ["x"]) }.contains("there is no such column"))
    }

    @Test func wrongNumbersAreNamedByTheirRow() throws {
        let dataset = try csv("x,y\n1,\"a\nb\"\nhigh,c\n3,d\n")
        #expect(
            message { try dataset.numbers(columns: ["x"]) }
                == "data.csv, row 3 (line 4), column \"x\": a value must be a number, found \"high\"")
        #expect(try dataset.select([2, 0]).numbers(columns: ["x"]).values == [3, 1])
    }
}
