import Foundation
import JSON
import Testing

@testable import Tokenizers

/// Expressions find what the reference's engine finds; no pattern takes exponential time.
struct RegularExpressionTests {
    let fixture: Node
    let texts: [String]

    init() throws {
        let file = SentencePieceTests.folder.appendingPathComponent("components.json")
        fixture = Node(try JSONValue.parse([UInt8](Data(contentsOf: file))), file: file.path)
        texts = try fixture.required("texts").strings()
    }

    private func matches(_ expression: RegularExpression, _ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        expression.forEachMatch(in: bytes, 0..<bytes.count) { found.append(String(decoding: bytes[$0], as: UTF8.self)) }
        return found
    }

    private func words(_ text: String, _ preTokenizer: any PreTokenizer) -> [String] {
        var split = SplitText()
        let bytes = Array(text.utf8)
        split.set(bytes, 0..<bytes.count, startsInput: true)
        preTokenizer.split(&split)
        return split.words.map { String(decoding: split.bytes[$0], as: UTF8.self) }
    }

    @Test func expressionsCutAndReplaceAsInTheReference() throws {
        let cases = try fixture.required("expressions").elements()
        #expect(cases.count > 60)
        for example in cases {
            let expression = try example.required("expression").string()
            let pattern: JSONValue = ["Regex": .string(expression)]
            let split = try PatternSplit(Node(["pattern": pattern, "behavior": "Isolated"], file: "f"))
            let replace = try Replace(Node(["pattern": pattern, "content": "<>"], file: "f"))
            let pieces = try example.required("pieces").elements(), replaced = try example.required("replaced").strings()
            for (index, text) in texts.enumerated() {
                let found = words(text, split), expected = try pieces[index].strings()
                #expect(
                    found.map(ExactKey.init) == expected.map(ExactKey.init),
                    "\(expression), \(text.debugDescription): \(found), expected \(expected)")
                let result = String(decoding: replace.normalized(Array(text.utf8)), as: UTF8.self)
                #expect(result.isExactly(replaced[index]), "\(expression), \(text.debugDescription): \(result)")
            }
        }
    }

    @Test func newComponentsDoAsInTheReference() throws {
        for example in try fixture.required("normalizers").elements() {
            let normalizer = try #require(try TokenizerComponents.normalizer(try example.required("json")))
            let json = try example.required("json").value
            for (text, result) in zip(texts, try example.required("results").strings()) {
                let found = String(decoding: normalizer.normalized(Array(text.utf8)), as: UTF8.self)
                #expect(found.isExactly(result), "\(json), \(text.debugDescription)")
            }
        }
        for example in try fixture.required("preTokenizers").elements() {
            let preTokenizer = try #require(try TokenizerComponents.preTokenizer(try example.required("json")))
            let json = try example.required("json").value
            for (text, result) in zip(texts, try example.required("results").elements()) {
                let found = words(text, preTokenizer), expected = try result.strings()
                #expect(found.map(ExactKey.init) == expected.map(ExactKey.init), "\(json), \(text.debugDescription): \(found)")
            }
        }
    }

    /// The scanners of well-known expressions find what the engine finds.
    @Test func scannersAndTheEngineAgree() throws {
        for example in try fixture.required("expressions").elements().prefix(2) {
            let text = try example.required("expression").string()
            let pattern = try TextPattern(Node(["Regex": .string(text)], file: "f"))
            guard case .tiktoken(let scanner) = pattern else {
                Issue.record("no scanner for \(text)")
                continue
            }
            let engine = try RegularExpression(text)
            for text in texts {
                let bytes = Array(text.utf8)
                var found: [String] = []
                scanner.forEachMatch(in: bytes, 0..<bytes.count) { found.append(String(decoding: bytes[$0], as: UTF8.self)) }
                #expect(found == matches(engine, text))
            }
        }
    }

    @Test(arguments: [
        "(a*)*b", "(a+)+$", "(?:a|aa)+$", "(?:a|a)*b", "(?:(?:a*)*)*b", "(?=(a+)+b)", "(?>(?:a|a)*)b", "(?:a?){30}a{30}b", "(?:.*.*.*.*)*b",
        "(?:(?=(?:a|a)*b)a|a)*c", "(?<=a)(?:a|aa)*b",
    ])
    func noPatternTakesExponentialTime(text: String) throws {
        let expression = try RegularExpression(text)
        let input = String(repeating: "a", count: 2000)
        #expect(matches(expression, input).allSatisfy { !$0.contains("b") })
    }

    @Test func longTextsAreSearchedOnce() throws {
        let input = String(repeating: "a", count: 200_000)
        for text in ["a*b", "a+b|c", "(?:a|b)*c", "a*?b"] {
            #expect(matches(try RegularExpression(text), input).isEmpty, "\(text)")
        }
        #expect(matches(try RegularExpression(#"\s+(?!\S)|\s+"#), String(repeating: " ", count: 100_000) + "x").count == 2)
    }

    @Test(arguments: [
        ("(a", "not closed"), ("a)", "closes no group"), ("[a", "not closed"), ("*a", "follows nothing"), (#"(a)\1"#, "not supported"),
        (#"\p{Klingon}"#, "not known"), ("[b-a]", "ends before it begins"), ("a{3,2}", "ends before it begins"), ("a{5000}", "repetitions"),
        ("(?:(?:a{1000}b){1000}){1000}", "too long"), ("(?<=a+)b", "one length"), (#"\x{110000}"#, "no character"), ("a\\", "too early"),
        ("(?~a)", "not supported"), (String(repeating: "(", count: 5000), "deep"), (String(repeating: "[", count: 5000), "deep"),
        ("a" + String(repeating: "?+", count: 5000), "quantifiers"), ("(?(1)a)", "not supported"), (#"\K"#, "not supported"),
        (#"\p{L"#, "not closed"),
    ])
    func whatIsMalformedIsNamed(text: String, problem: String) {
        let error = #expect(throws: RegularExpressionParser.Problem.self) { _ = try RegularExpression(text) }
        #expect(error?.text.contains(problem) == true, "\(text.prefix(40)): \(String(describing: error))")
    }

    @Test func setsOfScalarsAreSets() {
        let a = ScalarSet([0x41...0x50, 0x60...0x60, 0x45...0x55]), b = ScalarSet([0...0x47, 0x10000...0x10FFFF])
        for code in [0, 0x40, 0x41, 0x47, 0x48, 0x55, 0x56, 0x60, 0x61, 0xFFFF, 0x10000, 0x10FFFF] as [UInt32] {
            let (inA, inB) = (0x41...0x55 ~= code || code == 0x60, code <= 0x47 || code >= 0x10000)
            #expect(a.contains(code) == inA && b.contains(code) == inB)
            #expect(a.inverted.contains(code) == !inA && b.inverted.contains(code) == !inB)
            #expect(a.union(b).contains(code) == (inA || inB) && a.intersection(b).contains(code) == (inA && inB))
            #expect(ScalarTable(b).contains(code) == inB && ScalarTable(a).contains(code) == inA)
        }
        #expect(a.inverted.inverted == a && ScalarSet.all.inverted.isEmpty)
    }
}
