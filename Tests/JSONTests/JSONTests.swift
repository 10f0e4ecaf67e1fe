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
        #expect(object["z"] == .integer(9_007_199_254_740_993))  // 2^53 + 1, which no double holds
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
        #expect(
            value.serialized(JSONStyle(indentation: 2, sortsKeys: true)) == """
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

    @Test func readsALineOfALongerText() throws {
        let bytes = [UInt8]("{\"a\": 1}\n [2, \"é\\n\"]\r\n{\"b\": tru}\n".utf8)
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        #expect(try JSONValue.parse(bytes, in: lines[0].indices, line: 1) == ["a": 1])
        #expect(try JSONValue.parse(bytes, in: lines[1].indices, line: 2) == [2, "é\n"])
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(bytes, in: lines[2].indices, line: 3) }
        #expect(error?.line == 3)
        #expect(error?.column == 7)
        #expect(error?.offset == lines[2].startIndex + 6)
        // What stands behind the range is not read: no value ends there.
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(bytes, in: 0..<7) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse([UInt8]("true".utf8), in: 0..<3) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse([UInt8](#""\ud83e\udd80""#.utf8), in: 0..<9) }
    }

    @Test(arguments: [
        ("{\"a\" 1}", "found a number"), ("{\"a\": x}", "found \"x\""), ("[[] {}]", "found an object"), ("[1 [2]]", "found a list"),
        ("{1: 2}", "found a number"), ("1 é", "found \"é\""), ("-", "found the end"),
    ])
    func saysWhatItFound(text: String, found: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try parse(text) }
        #expect(error?.problem.hasSuffix(found) == true, "\(String(describing: error))")
    }

    @Test(arguments: [Int.min, -1, 0, 999_999_999_999_999_999, 1_000_000_000_000_000_000, Int.max])
    func integersAreExactToTheEnds(value: Int) throws {
        #expect(try parse("\(value)") == .integer(value))
        #expect(try parse(" \(value) ").serialized(.compact) == "\(value)")
    }
}
