import Testing
@testable import Tables

struct JSONLinesTests {
    @Test func keysOfTheFirstLineAreTheColumns() throws {
        let dataset = try jsonLines(
            """
            {"premise": "a", "label": 1, "hypothesis": "b"}
             { "hypothesis":"d","premise" : "c" , "label":-2 }\r
            {"premise": "", "label": 0, "hypothesis": "f"}

            """)
        let expected = try Dataset(
            ["premise": ["a", "c", ""], "hypothesis": ["b", "d", "f"]], labels: [1, -2, 0])
        #expect(dataset == expected)
        #expect(dataset.labels?.areIntegers == true)
    }

    @Test func escapesAreResolved() throws {
        let dataset = try jsonLines(#"{"te\u0078t": "\"\\\/\b\f\n\r\t \u00e9 \ud83e\uddf5 plain 漢\u5B57"}"#)
        #expect(try dataset == Dataset(["text": ["\"\\/\u{8}\u{C}\n\r\t é 🧵 plain 漢字"]]))
    }

    @Test func byteOrderMarkIsSkipped() throws {
        #expect(try jsonLines("\u{FEFF}{\"a\": \"x\"}") == Dataset(["a": ["x"]]))
    }

    @Test func numbersAreLabels() throws {
        let lines = ["0", "-0.5", "1e-2", "2E+1", "10.25"].map { "{\"text\": \"x\", \"score\": \($0)}" }
        let labels = try jsonLines(lines.joined(separator: "\n")).labels
        #expect(labels?.values == [0, -0.5, 0.01, 20, 10.25])
        #expect(labels?.areIntegers == false)
        #expect(try jsonLines(#"{"text": "x", "rank": 3}"#, labelColumn: "rank").labels?.values == [3])
    }

    static let good = #"{"text": "x", "label": 1}"# + "\n"

    @Test(arguments: [
        CSVErrorTests.Fault("", "data.jsonl: the file is empty"),
        .init("\n", "data.jsonl, line 1: this line is blank"),
        .init(good + "\n" + good, "line 2: this line is blank"),
        .init(good + #"{"text": "x"}"#, "line 2, column \"label\": the key is missing", "\"text\", \"label\""),
        .init(
            good + #"{"text": "x", "label": 1, "id": "7"}"#,
            "line 2, column \"id\": the first line has no such key"),
        .init(
            good + #"{"text": "x", "text": "y", "label": 1}"#,
            "line 2: the key \"text\" appears twice in one object"),
        .init(#"{"text": "x", "text": "y"}"#, "line 1: the key \"text\" appears twice in one object"),
        .init(
            good + #"{"text": 5, "label": 1}"#,
            "line 2, column \"text\": all values of a column must be of one type; the first is the text \"x\", found a number"),
        .init(
            good + #"{"text": "x", "label": "1"}"#,
            "line 2, column \"label\": all values of a column must be of one type; the first is a number, found the text \"1\""),
        .init(good + #"{"text": null, "label": 1}"#, "line 2, column \"text\":", "found null"),
        .init(good + #"{"text": "x", "label": true}"#, "line 2, column \"label\":", "found true"),
        .init(
            #"{"text": "x", "label": "high"}"#, "line 1, column \"label\": a label must be a number, found the text \"high\"; give a column"
        ),
        .init(
            #"{"text": "x", "label": ["a"]}"#,
            "line 1, column \"label\": a label must be a number or a list of numbers, found a list of texts"),
        .init(#"{"text": {"en": "x"}}"#, "line 1, column \"text\":", "found an object"),
        .init(#"["x"]"#, "line 1: each line must be a JSON object, found \"[\""),
        .init("text,label\n", "line 1: each line must be a JSON object, found \"t\""),
        .init("{}", "line 1: the object has no keys"),
        .init(#"{"label": 1}"#, "there is no column beside the label column \"label\""),
        .init(
            #"{"text": "x" "label": 1}"#,
            "line 1: \",\" or \"}\" was expected", "at byte 14 of the line"),
        .init(#"{"text" "x"}"#, "\":\" was expected after the key \"text\""),
        .init(#"{text: "x"}"#, "a key in quotes was expected", "at byte 2 of the line"),
        .init(#"{"text": "x",}"#, "a key in quotes was expected", "at byte 14"),
        .init(#"{"text": "x""#, "the text ends inside a list or an object"),
        .init(#"{"text": "#, "the text ends where a value should begin"),
        .init(#"{"text": "x"} 5"#, "there is text after the value's end"),
        .init(#"{"text": "x}"#, "a string that begins here never ends", "at byte 10"),
        .init("{\"text\": \"x\ty\"}", "a control character stands unescaped in a string"),
        .init("{\"text\": \"x\0y\"}", "a control character stands unescaped in a string"),
        .init(#"{"text": "\u0000"}"#, "NUL"),
        .init(#"{"text": "\x"}"#, "an unknown escape"),
        .init(#"{"text": "\u12G4"}"#, "four hexadecimal digits were expected"),
        .init(#"{"text": "\ud83e x"}"#, "half of a surrogate pair"),
        .init(#"{"text": "\udc00"}"#, "half of a surrogate pair"),
        .init(#"{"text": "\u00"#, "four hexadecimal digits were expected"),
        .init(
            #"{"text": "x", "label": NaN}"#,
            "line 1: no JSON value begins like this", "at byte 24"),
        .init(#"{"text": "x", "label": 01}"#, "a number may not begin with 0"),
        .init(#"{"text": "x", "label": 1.}"#, "a digit was expected"),
        .init(#"{"text": "x", "label": -}"#, "a digit was expected"),
        .init(#"{"text": "x", "label": 1e}"#, "a digit was expected"),
        .init(#"{"text": "x", "label": 1e999}"#, "line 1, column \"label\": a value must be finite"),
    ])
    func malformedLinesAreRefused(fault: CSVErrorTests.Fault) {
        let text = message { try jsonLines(fault.text) }
        #expect(text.hasPrefix("data.jsonl"))
        for part in fault.expected { #expect(text.contains(part)) }
    }

    @Test func invalidUTF8IsRefusedWithItsOffset() {
        let bytes = Array(Self.good.utf8) + Array(#"{"text": "x\n"#.utf8) + [0xFE] + Array(#"", "label": 1}"#.utf8)
        let text = message { try Dataset(jsonLinesBytes: bytes, source: "data.jsonl") }
        #expect(text.hasPrefix("data.jsonl, line 2: the byte 0xFE at offset 39 of the file"))
    }
}
