import Foundation
import Testing
@testable import Tables

struct CSVReadingTests {
    @Test func quotesDoubledQuotesAndLineBreaks() throws {
        let dataset = try csv("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\n\"\"\"\",plain\n")
        #expect(dataset.columns[0].texts == ["x, y", "two\nlines", "\""])
        #expect(dataset.columns[1].texts == ["say \"hi\"", "", "plain"])
    }

    @Test(arguments: [
        "a,b\r\n1,2\r\n", "a,b\r\n1,2", "a,b\n1,2", "\u{FEFF}a,b\n1,2\n", "\"a\",\"b\"\r\n\"1\",\"2\"",
    ])
    func lineEndsAndByteOrderMarkDoNotMatter(text: String) throws {
        #expect(try csv(text) == Dataset(["a": ["1"], "b": ["2"]]))
    }

    @Test func textsAreTakenAsTheyAre() throws {
        let dataset = try csv("a,b\n x ,\n\"line\r\nbreak\",e\u{301}\u{1F9F5}\n")
        let expected = try Dataset(["a": [" x ", "line\r\nbreak"], "b": ["", "e\u{301}\u{1F9F5}"]])
        #expect(dataset == expected)
    }

    @Test func otherDelimiters() throws {
        let expected = try Dataset(["a": ["1,2"], "b": ["x\ty"]])
        #expect(try csv("a\tb\n1,2\t\"x\ty\"\n", delimiter: "\t") == expected)
        #expect(try csv("a|b\n1,2|x\ty\n", delimiter: "|") == expected)
    }

    @Test(arguments: ["\"", "\n", "\r\n", "\r", "é", "🧵", "\0"] as [Character])
    func delimiterMustBeOneASCIICharacter(delimiter: Character) {
        #expect(message { try csv("a\n1\n", delimiter: delimiter) }.contains("a delimiter must be one ASCII"))
    }

    @Test(arguments: [
        (header: "text,label", name: "label", texts: ["text"]),
        (header: "label,text", name: "label", texts: ["text"]),
        (header: "labels,text", name: "labels", texts: ["text"]),
        (header: "text,score", name: "score", texts: ["text"]),
        (header: "text,scores", name: "scores", texts: ["text"]),
        (header: "score,text,label", name: "label", texts: ["score", "text"]),
        (header: "scores,score,text", name: "score", texts: ["scores", "text"]),
    ])
    func firstConventionalNameIsTheLabel(header: String, name: String, texts: [String]) throws {
        let names = header.split(separator: ",")
        let dataset = try csv(header + "\n" + names.map { _ in "1" }.joined(separator: ",") + "\n")
        #expect(dataset.labels?.name == name)
        #expect(dataset.labels?.values == [1])
        #expect(dataset.columnNames == texts)
    }

    @Test func otherNamesAreNoLabels() throws {
        #expect(try csv("text,Label,rank\na,1,2\n").labels == nil)
        let dataset = try csv("text,rank\na,2\n", labelColumn: "rank")
        #expect(dataset.labels?.values == [2])
        #expect(dataset.columnNames == ["text"])
        #expect(message { try csv("text,rank\na,2\n", labelColumn: "gold") }.contains("\"text\", \"rank\""))
    }

    @Test func integersAreToldFromOtherNumbers() throws {
        #expect(try csv("text,label\na,1\nb,-3\n").labels?.areIntegers == true)
        #expect(try csv("text,label\na,1\nb,2.0\n").labels?.areIntegers == false)
        #expect(try csv("text,label\na,1\nb,2e0\n").labels?.values == [1, 2])
    }

    @Test func extensionTellsTheFormat() throws {
        try Fixtures.withTemporaryFolder { folder in
            func read(_ name: String, _ text: String) throws -> Dataset {
                let url = folder.appending(path: name)
                try Data(text.utf8).write(to: url)
                let dataset = try Dataset(contentsOf: url)
                #expect(dataset.source == url.path)
                return dataset
            }
            let expected = try Dataset(["text": ["x"]], labels: [1])
            #expect(try read("a.csv", "text,label\nx,1\n") == expected)
            #expect(try read("a.TSV", "text\tlabel\nx\t1\n") == expected)
            #expect(try read("a.jsonl", #"{"text": "x", "label": 1}"#) == expected)
            #expect(try read("a.ndjson", #"{"text": "x", "label": 1}"#) == expected)
            let unknown = message { try read("a.xlsx", "") }
            #expect(unknown.contains("a.xlsx") && unknown.contains(".csv, .tsv, .jsonl, .ndjson, .json, .parquet"))
            let absent = message { try Dataset(contentsOf: folder.appending(path: "none.csv")) }
            #expect(absent.contains("none.csv: the file cannot be read"))
        }
        let remote = try #require(URL(string: "https://example.org/a.csv"))
        #expect(message { try Dataset(contentsOf: remote) }.contains("only files can be read"))
    }
}
