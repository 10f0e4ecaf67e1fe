@testable import Tables
import Testing

/// Whether quotation marks enclose fields or are characters, in files that do not say so.
struct QuotingTests {
    private func read(_ text: String, _ quoting: Dataset.Quoting = .automatic, delimiter: Character = "\t") throws -> Dataset {
        try Dataset(csvBytes: Array(text.utf8), source: "data.tsv", delimiter: delimiter, quoting: quoting)
    }

    /// Two of them would swallow the lines between.
    @Test(arguments: ["\n", "\r\n"])
    func quotesThatEncloseNothingAreCharacters(end: String) throws {
        let rows = ["a\tb", "\"To be\tor not", "he said \"no\" twice\tto be\"", "\"Yes\"\tshe said", "\"\t\"\""]
        let dataset = try read(rows.joined(separator: end) + end)
        #expect(dataset.quoting == Dataset.Quoting.none)
        #expect(dataset.columns[0].texts == ["\"To be", "he said \"no\" twice", "\"Yes\"", "\""])
        #expect(dataset.columns[1].texts == ["or not", "to be\"", "she said", "\"\""])
        #expect(dataset.error(atRow: 1, "").description.contains("row 3"))
    }

    @Test(arguments: [
        "a\tb\n\"x\"\ty\n",  // enclosed all
        "a\tb\n\"x \"\"y\"\" z\"\ty\n",  // doubled
        "a\tb\n\"x\ny\"\tz\n",  // a line break inside
        "a\tb\n\"x\ty\"\tz\n",  // a tab inside
    ])
    func quotesThatEncloseAreNone(text: String) throws {
        let dataset = try read(text)
        #expect(dataset.quoting == .standard)
        #expect(try dataset == read(text, .standard))
        #expect(!dataset.columns[0].texts[0].hasPrefix("\""))
    }

    @Test func commasKeepToTheStandard() {
        #expect(message { try read("a,b\nhe said \"no\",x\n", delimiter: ",") }.contains("quote inside an unquoted field"))
        #expect(message { try read("a\tb\nhe said \"no\"\tx\n", .standard) }.contains("quote inside an unquoted field"))
        #expect(try! read("a,b\nhe said \"no\",x\n", .none, delimiter: ",").columns[0].texts == ["he said \"no\""])
    }

    @Test(arguments: [(";", "\";\""), ("\t", "tabs"), ("|", "\"|\"")])
    func anotherSeparatorIsHintedAt(separator: String, name: String) {
        let text = ["a", "b"].joined(separator: separator) + "\n" + ["x", "y"].joined(separator: separator) + "\n"
        let problem = message { try read(text, delimiter: ",") }
        #expect(problem.contains("there is one column") && problem.contains("separated by \(name)"), "\(problem)")
    }

    @Test func aDecimalCommaIsHintedAt() {
        #expect(message { try read("a\tscore\nx\t0,5\n") }.contains("found \"0,5\"; write decimals with a point, not a comma"))
    }
}
