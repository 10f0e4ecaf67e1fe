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
            "line 2, column \"text\": the key occurs twice"),
        .init(#"{"text": "x", "text": "y"}"#, "line 1, column \"text\": columns 1 and 2 have the same name"),
        .init(
            good + #"{"text": 5, "label": 1}"#,
            "line 2, column \"text\": a text must be a string, found the number"),
        .init(
            good + #"{"text": "x", "label": "1"}"#,
            "line 2, column \"label\": a label must be a number", "\"1\""),
        .init(good + #"{"text": null, "label": 1}"#, "line 2, column \"text\":", "found null"),
        .init(good + #"{"text": "x", "label": true}"#, "line 2, column \"label\":", "found a Boolean"),
        .init(#"{"text": ["x"]}"#, "line 1, column \"text\":", "found an array"),
        .init(#"{"text": {"en": "x"}}"#, "line 1, column \"text\":", "found an object"),
        .init(#"["x"]"#, "line 1: each line must be a JSON object, found an array"),
        .init("text,label\n", "line 1: each line must be a JSON object, found \"t\""),
        .init("{}", "line 1: the object has no keys"),
        .init(#"{"label": 1}"#, "there is no text column beside the label column"),
        .init(
            #"{"text": "x" "label": 1}"#,
            "line 1, column \"text\": expected a comma", "found \"\"\" at byte 14"),
        .init(#"{"text" "x"}"#, "expected a colon after the key"),
        .init(#"{text: "x"}"#, "expected a key in quotes, found \"t\" at byte 2"),
        .init(#"{"text": "x",}"#, "expected a key in quotes, found \"}\""),
        .init(#"{"text": "x""#, "found the end of the line"),
        .init(#"{"text": "#, "expected a value, found the end of the line"),
        .init(#"{"text": "x"} 5"#, "expected the end of the line after the object"),
        .init(#"{"text": "x}"#, "the quote that opens this string never closes"),
        .init("{\"text\": \"x\ty\"}", "control character U+0009"),
        .init("{\"text\": \"x\0y\"}", "control character U+0000"),
        .init(#"{"text": "\u0000"}"#, "NUL"),
        .init(#"{"text": "\x"}"#, "is not one of JSON's"),
        .init(#"{"text": "\u12G4"}"#, "is not one of JSON's"),
        .init(#"{"text": "\ud83e x"}"#, "is not one of JSON's"),
        .init(#"{"text": "\udc00"}"#, "is not one of JSON's"),
        .init(#"{"text": "\u00"#, "is not one of JSON's"),
        .init(
            #"{"text": "x", "label": NaN}"#,
            "line 1, column \"label\": a value must be a string, or a number", "found \"N\""),
        .init(#"{"text": "x", "label": 01}"#, "\"01\" is not a JSON number"),
        .init(#"{"text": "x", "label": 1.}"#, "\"1.\" is not a JSON number"),
        .init(#"{"text": "x", "label": -}"#, "\"-\" is not a JSON number"),
        .init(#"{"text": "x", "label": 1e}"#, "\"1e\" is not a JSON number"),
        .init(#"{"text": "x", "label": 1e999}"#, "line 1, column \"label\": a label must be finite"),
    ])
    func malformedLinesAreRefused(fault: CSVErrorTests.Fault) {
        let text = message { try jsonLines(fault.text) }
        #expect(text.hasPrefix("data.jsonl"))
        for part in fault.expected { #expect(text.contains(part)) }
    }

    @Test func invalidUTF8IsRefusedWithItsOffset() {
        let bytes = Array(Self.good.utf8) + Array(#"{"text": "x\n"#.utf8) + [0xFE] + Array(#"", "label": 1}"#.utf8)
        let text = message { try Dataset(jsonLinesBytes: bytes, source: "data.jsonl") }
        #expect(text.hasPrefix("data.jsonl, line 2, column \"text\": the byte 0xFE at offset 39 of the file"))
    }
}
