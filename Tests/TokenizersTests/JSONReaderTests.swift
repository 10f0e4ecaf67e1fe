import Testing

@testable import Tokenizers

struct JSONReaderTests {
    func read(_ text: String) throws -> JSON {
        try JSONReader.read(Array(text.utf8), file: "x.json")
    }

    @Test func valuesOfEveryKindAreReadInOrder() throws {
        let text = #" {"b": [1, -2.5e1, true, false, null, "", {}, []], "a": "x\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é"} "#
        let node = JSONNode(try read(text), file: "x.json")
        #expect(try node.members().map(\.key) == ["b", "a"])
        #expect(try node.required("a").string() == "x\"\\/\u{8}\u{c}\n\r\té😀é")
        let elements = try node.required("b").elements()
        #expect(elements.map(\.value.kind) == [
            "1", "-25.0", "true", "false", "null", "\"\"", "an object of 0 members", "an array of 0",
        ])
        #expect(try elements[0].integer() == 1)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let text = "{\n  \"a\": [\n    1,\n    \"\\u0001\\n\\\"\\\\ é\"\n  ],\n  \"b\": {}\n}\n"
        #expect(String(decoding: try read(text).serialized(), as: UTF8.self) == text)
    }

    @Test(arguments: [
        ("", 0, "ends where a value"), ("{", 1, "key in quotation"), ("[1,]", 3, "expected a value"),
        ("{\"a\" 1}", 5, "expected :"), ("{\"a\":1,}", 7, "key in quotation"), ("[1 2]", 3, "expected , or ]"),
        ("1 2", 2, "end of the file"), ("\"a", 2, "within a string"), ("\"\\x\"", 2, "escape"),
        ("\"\\ud800\"", 7, "surrogate"), ("\"\\udc00\"", 7, "surrogate"), ("\"\\u12g4\"", 5, "hexadecimal"),
        ("01", 1, "end of the file"), ("-", 1, "digit"), ("1.", 2, "digit"), ("nul", 3, "expected null"),
        ("\"a\nb\"", 2, "control character"), ("// no", 0, "expected a value"), ("{\"a\":1", 6, "expected , or }"),
    ])
    func mistakesAreNamedWithTheirPlace(text: String, offset: Int, problem: String) {
        let error = #expect(throws: TokenizerError.self) { try read(text) }
        #expect(error?.key == "byte \(offset)")
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    }

    @Test func bytesThatAreNotUTF8AndEndlessNestingAreRefused() {
        let error = #expect(throws: TokenizerError.self) {
            try JSONReader.read([0x22, 0xC3, 0xA9, 0xFF, 0x22], file: "x.json")
        }
        #expect(error?.key == "byte 3")
        #expect(throws: TokenizerError.self) { try read(String(repeating: "[", count: 100_000)) }
    }
}
