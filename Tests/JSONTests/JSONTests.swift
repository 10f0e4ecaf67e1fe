import JSON
import Testing

/// The reader takes exactly JSON, loses nothing, and says where it stopped.
struct JSONTests {
    func parse(_ text: String) throws -> JSONValue { try JSONValue.parse([UInt8](text.utf8)) }

    @Test func keepsOrderIntegersAndDigits() throws {
        let text = #"{"z":9007199254740993,"a":1e-12,"big":1000000000000000019884624838656,"m":-0,"n":[1.0,{}]}"#
        let value = try parse(text)
        guard case .object(let object) = value else { Issue.record("no object"); return }
        #expect(object.keys == ["z", "a", "big", "m", "n"])
        #expect(object["z"] == .integer(9_007_199_254_740_993))   // 2^53 + 1, which no double holds
        guard case .number(let a)? = object["a"] else { Issue.record("no number"); return }
        #expect(a.doubleValue == 1e-12)
        #expect(value.serialized(.compact) == text)
    }

    @Test func decodesEscapes() throws {
        let value = try parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00x""#)
        #expect(value == .string("\"\\/\u{8}\u{C}\n\r\té😀x"))
    }

    @Test func writesWhatItReads() throws {
        let value: JSONValue = .object([
            "b/c": "grüße \"\\\n\u{1}", "a": [.null, .bool(true), .real(0.02), .integer(-3)], "e": .object([:]),
        ])
        for style in [JSONStyle.compact, JSONStyle(indentation: 2, sortsKeys: true)] {
            #expect(try parse(value.serialized(style)) == value)
        }
        #expect(value.serialized(JSONStyle(indentation: 2, sortsKeys: true)) == """
            {
              "a": [
                null,
                true,
                0.02,
                -3
              ],
              "b/c": "grüße \\"\\\\\\n\\u0001",
              "e": {}
            }
            """)
    }

    @Test(arguments: [
        ("", "ends where a value"), ("nul", "null was expected"), ("truth", "true was expected"),
        ("[1,]", "no JSON value"), ("[1 2]", "\"]\" was expected"), ("[1", "ends inside"), ("{\"a\"}", "\":\""),
        ("{a:1}", "key in quotes"), ("{\"a\":1,}", "key in quotes"), ("{\"a\":1,\"a\":2}", "\"a\" appears twice"),
        ("01", "begin with 0"), ("-", "digit"), ("1.", "digit"), ("1e", "digit"), (".5", "no JSON value"),
        ("NaN", "no JSON value"), ("1 2", "after the value's end"), ("\"abc", "never ends"),
        ("\"\n\"", "control character"), (#""\x""#, "unknown escape"), (#""\u12g4""#, "hexadecimal"),
        (#""\ud800""#, "surrogate"), (#""\ud800\u0041""#, "surrogate"), (#""\udc00""#, "surrogate"),
        ("\u{FEFF}1", "byte-order mark"), ("\"\\", "inside an escape"), ("[", "a value should begin"),
    ])
    func refusesWhatIsNoJSON(text: String, problem: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try parse(text) }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    @Test func refusesWhatIsNoUTF8() throws {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue.parse([0x22, 0x61, 0xFF, 0x22]) }
        #expect(error?.offset == 2)
        #expect(try JSONValue.parse([0x22, 0xEF, 0xBF, 0xBD, 0x22]) == "\u{FFFD}")
    }

    @Test func tellsLineAndColumn() {
        let error = #expect(throws: JSONSyntaxError.self) { try parse("{\n  \"a\": ?\n}") }
        #expect(error?.line == 2)
        #expect(error?.column == 8)
    }

    @Test func refusesDeepNestingInsteadOfExhaustingTheStack() {
        let error = #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "[", count: 100_000)) }
        #expect(error?.problem.contains("nested") == true)
    }

    @Test func takesTwoSpellingsOfOneLetterForTwoKeys() throws {
        let text = "{\"\u{E9}\":1,\"e\u{301}\":2}"
        guard case .object(let object) = try parse(text) else { Issue.record("no object"); return }
        #expect(object["\u{E9}"] == .integer(1))
        #expect(object["e\u{301}"] == .integer(2))
    }

    @Test func objectsOfAnySizeFindReplaceAndRemove() {
        for count in [1, 8, 9, 40] {
            var object = JSONObject()
            for index in 0..<count { object["key\(index)"] = .integer(index) }
            object["key0"] = .null
            #expect((0..<count).allSatisfy { object["key\($0)"] == ($0 == 0 ? .null : .integer($0)) })
            object["key0"] = nil
            #expect(object["key0"] == nil)
            #expect(object.count == count - 1)
            #expect((1..<count).allSatisfy { object["key\($0)"] == .integer($0) })
            #expect(object["absent"] == nil)
        }
    }
}
