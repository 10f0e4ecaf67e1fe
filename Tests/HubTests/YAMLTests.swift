import JSON
import Testing
@testable import YAML

/// What is written as YAML is read as the same.
struct YAMLTests {
    @Test func everyTextComesBack() throws {
        let texts = [
            "", "plain", "two words", "a: b", "a:b", "a #b", "# a", "- a", "true", "No", "null", "~", "1", "1.5", "1e5", "0x1F",
            "2026-01-01", ".inf",
            "quote \" and \\ back", "line\nbreak", "tab\t", "ä ö 你好 🤗", "[x]", "{x: y}", "*a", "&a", "!a", "%a", "@a", "`a`", "a, b", "'a'",
            "a ",
            " a", "\u{7}", "\u{2028}", "sentence-transformers/all-MiniLM-L6-v2", "dataset_size:100", "loss:CoSENTLoss", "y", "<<", "=",
            "a -", "12:30:45", "_1", "e1",
        ]
        let object: JSONObject = [
            "texts": .array(texts.map { .string($0) }), "empty": [], "none": .null, "nothing": [:], "number": 1.5, "flag": true,
            "nested": ["list": [["a": 1, "b": ["x", "y"]], [[1, 2], [3]], "z"], "deep": ["deeper": ["deepest": "x"]]],
        ]
        #expect(try JSONValue(yaml: object.yaml) == .object(object))
        for text in texts {
            let keyed = JSONObject(members: [(text, .string(text))])
            if !text.isEmpty { #expect(try JSONValue(yaml: keyed.yaml) == .object(keyed), "\(keyed.yaml)") }
        }
    }
}
