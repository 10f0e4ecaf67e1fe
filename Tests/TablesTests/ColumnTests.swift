import Testing
@testable import Tables

/// What columns hold, how it is told from files, and what they can be used as.
struct ColumnTests {
    static let mixed = """
        {"query": "a", "size": 1, "candidates": ["b", "c"], "gains": [1, 0], "box": [0.5, 2], "map": [[1, 2], [3, 4]]}
        {"query": "d", "size": 2.5, "candidates": [], "gains": [], "box": [1, 3], "map": [[5, 6], [7, 8]]}
        {"query": "e", "size": -1, "candidates": ["f"], "gains": [2], "box": [2, 0], "map": [[9, 0], [1, 2]]}
        """

    @Test func jsonLinesHasTypes() throws {
        let dataset = try jsonLines(Self.mixed)
        #expect(dataset.columns.map(\.kind) == [.texts, .numbers, .textLists, .numberLists, .numbers, .numbers])
        #expect(dataset.labels == nil && dataset.rowCount == 3)
        #expect(dataset.columns[1].values == [1, 2.5, -1] && !dataset.columns[1].areIntegers)
        #expect(dataset.columns[2].textLists == [["b", "c"], [], ["f"]])
        #expect(dataset.columns[3].numberLists == [[1, 0], [], [2]])
        #expect(dataset.columns[4].rowShape == [2] && dataset.columns[4].numberLists == [[0.5, 2], [1, 3], [2, 0]])
        #expect(dataset.columns[5].rowShape == [2, 2] && dataset.columns[5].areIntegers)
        #expect(dataset.columns[5].values(ofRows: [2, 0]) == [9, 0, 1, 2, 1, 2, 3, 4])
    }

    @Test func fieldsTellNumbersAndListsFromTexts() throws {
        let dataset = try csv("a,b,c,d,e\n1,01,\"[1, 2]\",\"[\"\"x\"\", \"\"y,z\"\"]\",1\n2,1.50,[],[],one\n")
        #expect(dataset.columns.map(\.kind) == [.numbers, .numbers, .numberLists, .textLists, .texts])
        #expect(dataset.columns[1].values == [1, 1.5])
        #expect(dataset.columns[2].numberLists == [[1, 2], []])
        #expect(dataset.columns[3].textLists == [["x", "y,z"], []])
        // Each is a column of texts as well, as it was written.
        #expect(
            dataset.columns.map(\.texts) == [["1", "2"], ["01", "1.50"], ["[1, 2]", "[]"], ["[\"x\", \"y,z\"]", "[]"], ["1", "one"]])
        #expect(throws: Never.self) { try dataset.requireTexts(for: "it") }
        #expect(dataset.select([1]).columns.map { $0.field(atRow: 0) } == ["2", "1.50", "[]", "[]", "one"])
    }

    @Test func aFieldThatOnlyLooksLikeAValueMakesTexts() throws {
        for field in ["1e999", "9007199254740993", "0x1", "nan", "[1", "[CLS] a", "[[1],[2,3]]", "[1,\"\"a\"\"]", "{}", "-"] {
            #expect(try csv("a,b\n1,x\n\"\(field)\",y\n").columns[0].kind == .texts, "\(field)")
        }
        #expect(try csv("a\n1\n[1]\n").columns[0].kind == .texts)
        #expect(try csv("a\n\"[1, 2]\"\n\"[[1, 2]]\"\n").columns[0].kind == .texts)
    }

    @Test(arguments: [
        (first: "\"x\"", second: "5", says: "the first is the text \"x\", found a number"),
        (first: "5", second: "\"x\"", says: "the first is a number, found the text \"x\""),
        (first: "5", second: "[5]", says: "the first is a number, found a list of shape [1]"),
        (first: "5", second: "[]", says: "the first is a number, found an empty list"),
        (first: "[5]", second: "5", says: "the first is a list of shape [1], found a number"),
        (first: "[5]", second: "[\"x\"]", says: "the first is a list of shape [1], found a list of texts"),
        (first: "[\"x\"]", second: "[5]", says: "the first is a list of texts, found a list of shape [1]"),
        (first: "[\"x\"]", second: "\"x\"", says: "the first is a list of texts, found the text \"x\""),
        (first: "[[1, 2]]", second: "[[1], [2]]", says: "the first is a list of shape [1, 2], found a list of shape [2, 1]"),
        (first: "[[1, 2]]", second: "[]", says: "the first is a list of shape [1, 2], found an empty list"),
        (first: "[1]", second: "[1, \"x\"]", says: "the parts of a list must be alike, found the integer 1, then the string \"x\""),
        (first: "[\"x\"]", second: "[\"x\", null]", says: "the parts of a list must be alike, found the string \"x\", then null"),
        (first: "1", second: "9007199254740992", says: "an integer value must be less than 2^53"),
        (first: "1", second: "99999999999999999999", says: "an integer value must be less than 2^53"),
        (first: "[1]", second: "[-1e400]", says: "a value must be finite"),
        (first: "1", second: "null", says: "a value must be a text, a number or a list of either, found null"),
        (first: "1", second: "false", says: "a value must be a text, a number or a list of either, found false"),
        (first: "1", second: "{}", says: "a value must be a text, a number or a list of either, found an object"),
        (first: "[[\"x\"]]", second: "", says: "a list may hold texts, numbers or lists of numbers"),
        (first: "[\"\\u0000\"]", second: "", says: "a text may not hold the NUL character"),
    ])
    func anotherTypeIsRefusedWithItsPlace(first: String, second: String, says: String) {
        let lines = ["{\"id\": \"a\", \"x\": \(first)}", "{\"id\": \"b\", \"x\": \(second)}"]
        let text = message { try jsonLines(lines.prefix(second.isEmpty ? 1 : 2).joined(separator: "\n")) }
        #expect(text.hasPrefix("data.jsonl, line \(second.isEmpty ? 1 : 2), column \"x\": ") && text.contains(says), "\(text)")
    }

    @Test func aKeyInTwoSpellingsOccursTwice() throws {
        let text = message { try jsonLines("{\"e\u{301}\": \"x\", \"b\": \"y\"}\n{\"e\u{301}\": \"x\", \"\u{E9}\": \"y\"}") }
        #expect(text.hasPrefix("data.jsonl, line 2, column \"\u{E9}\": the key occurs twice"))
    }

    @Test func columnsThatHoldNoTextsAreRefusedByName() throws {
        let dataset = try jsonLines(Self.mixed)
        let numbers = try dataset.selecting(inputs: ["query", "size"]), lists = try dataset.selecting(inputs: ["candidates"])
        #expect(
            message { try numbers.requireTexts(for: "CoSENTLoss") }
                == "data.jsonl, column \"size\": CoSENTLoss takes texts, but the column holds numbers")
        #expect(
            message { try lists.requireTexts(for: "CoSENTLoss") }
                == "data.jsonl, column \"candidates\": CoSENTLoss takes texts, but the column holds lists of texts")
        #expect(message { try lists.column(named: "candidates") }.contains("takes texts"))
    }

    #if compiler(>=6.2)
        @Test func anotherTypeEndsTheProgramWithAMessage() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = Dataset.Column(name: "candidates", textLists: [["a"]]).texts
            }
            let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(message.contains("Dataset.Column.texts: column \"candidates\" holds lists of texts"), "\(message)")
        }
    #endif

    @Test func valuesAreCheckedWhenAColumnIsMade() {
        #expect(
            message { try Dataset.Column(name: "x", numberLists: [[1], [.nan]]) }
                == "column \"x\": value 1 (from 0) must be finite, found nan")
        #expect(message { try Dataset.Column(name: "x", numberLists: [[0.5]], areIntegers: true) }.contains("must be a whole number"))
        #expect(message { try Dataset(columns: [], labels: .init(values: [1])) }.contains("at least one column"))
        #expect(
            message { try Dataset(columns: [.init(name: "a", textLists: [[], ["x"]])], labels: .init(values: [1])) }
                == "column \"label\": has 1 rows, but column \"a\" has 2: all columns must have the same number")
    }

    @Test func rowsOfEveryTypeAreSelected() throws {
        let dataset = try jsonLines(Self.mixed), selected = dataset.select([2, 0])
        #expect(selected.columns[0].texts == ["e", "a"] && selected.columns[1].values == [-1, 1])
        #expect(selected.columns[2].textLists == [["f"], ["b", "c"]] && selected.columns[3].numberLists == [[2], [1, 0]])
        #expect(selected.columns[5].values == [9, 0, 1, 2, 1, 2, 3, 4])
        #expect(dataset.select([0, 1, 2]) == dataset && selected != dataset.prefix(2))
    }

    @Test func equalityIsByTypeAndValue() throws {
        func column(_ lists: [[Double]]) throws -> Dataset.Column { try .init(name: "x", numberLists: lists) }
        let numbers = try Dataset.Column(name: "x", values: [1, 2, 3, 4], rowShape: [2])
        #expect(try column([[1, 2], [3, 4]]) == numbers && numbers == column([[1, 2], [3, 4]]))
        #expect(try column([[1, 2, 3], [4]]) != numbers && column([[1], [2]]) != .init(name: "x", values: [1, 2]))
        #expect(try numbers != .init(name: "x", values: [1, 2, 3, 4], rowShape: [2], areIntegers: false))
        #expect(try Dataset.Column(name: "x", texts: ["1"]) != .init(name: "x", values: [1]))
        #expect(Dataset.Column(name: "x", textLists: [["\u{E9}"]]) != .init(name: "x", textLists: [["e\u{301}"]]))
        // The fields of a file without types are texts and what they spell.
        let field = try csv("x\n1.50\n").columns[0]
        #expect(try field == .init(name: "x", texts: ["1.50"]) && field == .init(name: "x", values: [1.5]))
        #expect(field != .init(name: "x", texts: ["1.5"]))
    }
}
