import Testing
@testable import Tables

struct CSVErrorTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let text: String
        let expected: [String]
        var testDescription: String { text.debugDescription }

        init(_ text: String, _ expected: String...) {
            self.text = text
            self.expected = expected
        }
    }

    @Test(arguments: [
        Fault("", "data.csv: the file is empty"),
        Fault("\u{FEFF}", "data.csv: the file is empty"),
        Fault("a,b\n", "data.csv: there is a header (\"a\", \"b\") but no row"),
        Fault("a,a\n1,2\n", "data.csv, row 1, column \"a\": columns 1 and 2 have the same name"),
        Fault("a,,c\n1,2,3\n", "data.csv, row 1: column 2 has an empty name"),
        Fault("a, score\n1,2\n", "data.csv, row 1, column \" score\":", "white space"),
        Fault("label\n1\n", "data.csv: there is no column beside the label column \"label\""),
        Fault("a,b\n1,2\n1,2,3\n", "data.csv, row 3: found 3 fields, expected 2 (\"a\", \"b\")"),
        Fault("a,b\n1\n", "data.csv, row 2: found 1 fields, expected 2"),
        Fault("a,b\n\"x\ny\",2\n1\n", "data.csv, row 3 (line 4): found 1 fields, expected 2"),
        Fault("a,b\n1,2\n\n", "data.csv, row 3: this line is blank"),
        Fault("a\n1\n\r\n2\n", "data.csv, row 3: this line is blank"),
        Fault(
            "a,b\n1,\"x\n2,y\n3,z\n",
            "data.csv, row 2, column \"b\": the quote that opens this field never closes"),
        Fault("a,b\n\"x\ny\",\"z", "data.csv, row 2 (line 3), column \"b\": the quote that opens"),
        Fault("\"a,b\n1,2\n", "data.csv, row 1: in field 1, the quote that opens this field never closes"),
        Fault("a,b\n\"x\"y,2\n", "data.csv, row 2, column \"a\": after a closing quote", "found \"y\""),
        Fault("a,b\n\"x\" ,2\n", "data.csv, row 2, column \"a\": after a closing quote", "found \" \""),
        Fault("a,b\n\"x\"é,2\n", "found \"é\""),
        Fault("a,b\n1,x\"y\"\n", "data.csv, row 2, column \"b\": there is a quote inside an unquoted field"),
        Fault("a,b\n1,x\ry\n", "data.csv, row 2, column \"b\": there is a carriage return without a line feed"),
        Fault("a,b\n1,\"x\"\ry\n", "data.csv, row 2, column \"b\": there is a carriage return without"),
        Fault("a,b\n1,x\0y\n", "data.csv, row 2, column \"b\": there is a NUL byte at offset 7"),
        Fault("a,b\n1,\"x\0y\"\n", "data.csv, row 2, column \"b\": there is a NUL byte at offset 8"),
        Fault("a,b\n1,2,\"x\"y\n", "data.csv, row 2: in field 3, after a closing quote"),
    ])
    func malformedTextIsRefused(fault: Fault) {
        let text = message { try csv(fault.text) }
        for part in fault.expected { #expect(text.contains(part)) }
    }

    @Test(arguments: [
        (found: "high", part: "a label must be a number, found \"high\""),
        (found: "", part: "a label must be a number, found an empty text"),
        (found: " 1", part: "a label must be a number, found \" 1\""),
        (found: "1.2.3", part: "a label must be a number, found \"1.2.3\""),
        (found: "nan", part: "a label must be a finite decimal number, found \"nan\""),
        (found: "NaN", part: "a label must be a finite decimal number, found \"NaN\""),
        (found: "-inf", part: "a label must be a finite decimal number, found \"-inf\""),
        (found: "Infinity", part: "a label must be a finite decimal number, found \"Infinity\""),
        (found: "0x10", part: "a label must be a finite decimal number, found \"0x10\""),
        (found: "1e999", part: "a label must be finite, but \"1e999\" is too large"),
        (found: "9007199254740993", part: "an integer label must be less than 2^53"),
    ])
    func labelMustBeAFiniteNumber(found: String, part: String) {
        let text = message { try csv("text,score\n\"a\nb\",1\nc,\(found)\n") }
        #expect(text.hasPrefix("data.csv, row 3 (line 4), column \"score\": " + part))
    }

    @Test func invalidUTF8IsRefusedWithItsOffset() {
        func read(_ bytes: [UInt8]) -> String {
            message { try Dataset(csvBytes: bytes, source: "data.csv") }
        }
        let header = Array("a,b\n".utf8)
        #expect(
            read(header + Array("1,é".utf8) + [0xFF] + Array("\n".utf8))
                == "data.csv, row 2, column \"b\": the byte 0xFF at offset 8 of the file is not valid UTF-8; "
                + "save the file as UTF-8")
        // Inside a quoted field, after a doubled quote; Latin-1's é is the first byte of a longer sequence.
        #expect(
            read(header + Array("\"x\"\"".utf8) + [0xE9] + Array("\",2\n".utf8))
                .contains("row 2, column \"a\": the byte 0xE9 at offset 8 "))
        #expect(read([0x61, 0xC0, 0x80]).contains("row 1: in field 1, the byte 0xC0 at offset 1 "))
        // A surrogate encoded on its own, as some old exporters do.
        #expect(read(header + [0xED, 0xA0, 0x80]).contains("the byte 0xED at offset 4 "))
    }
}
