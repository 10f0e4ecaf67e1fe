import Foundation
import Testing

@testable import Tables

/// Kinds of columns that only the last or the first row tells, numbers of rows and lines behind long fields, shares that are no whole rows.
struct TableOptionTests {
    private func read(_ text: String, delimiter: Character = ",", labelColumn: String? = nil) throws -> Dataset {
        try Dataset(csvBytes: Array(text.utf8), source: "f", delimiter: delimiter, labelColumn: labelColumn)
    }

    private func lines(_ text: String) throws -> Dataset { try Dataset(jsonLinesBytes: Array(text.utf8), source: "f") }

    /// One fraction anywhere makes a column of reals, whole numbers alone one of integers: in fields, lists and lists of lists.
    @Test(arguments: [(["1", "2", "3"], true), (["1.5", "2", "3"], false), (["1", "2.5", "3"], false), (["1", "2", "3.0"], false)])
    func anyFractionMakesReals(_ numbers: [String], areIntegers: Bool) throws {
        #expect(try read("a,label\n" + numbers.map { "x,\($0)\n" }.joined()).labels?.areIntegers == areIntegers)
        #expect(try lines(numbers.map { "{\"a\": \"x\", \"label\": \($0)}\n" }.joined()).labels?.areIntegers == areIntegers)
        #expect(try lines(numbers.map { "{\"a\": \"x\", \"label\": [1, \($0)]}\n" }.joined()).labels?.areIntegers == areIntegers)
        #expect(try lines(numbers.map { "{\"a\": \"x\", \"label\": [\($0), 1]}\n" }.joined()).labels?.areIntegers == areIntegers)
        #expect(try lines(numbers.map { "{\"a\": \"x\", \"label\": [[\($0), 1], [1, 1]]}\n" }.joined()).labels?.areIntegers == areIntegers)
        #expect(try lines("{\"a\": \"x\", \"label\": [\(numbers.joined(separator: ", "))]}\n").labels?.areIntegers == areIntegers)
        // Columns that differ in this alone are not the same.
        let columns = try [true, false].map { try Dataset.Column(name: "a", values: [1, 2], areIntegers: $0) }
        #expect(columns[0] != columns[1] && columns[0] == columns[0])
    }

    @Test func listsOfDifferentLengthsStayLists() throws {
        for lengths in [[2, 2, 2], [1, 2, 3], [3, 2, 1], [2, 3, 2], [2, 2, 3]] {
            let text = lengths.map { "{\"a\": \"x\", \"n\": [\((0..<$0).map { "\($0)" }.joined(separator: ", "))]}\n" }.joined()
            let column = try lines(text).columns[1]
            #expect(column.kind == (Set(lengths).count == 1 ? .numbers : .numberLists), "\(lengths)")
            #expect(column.numberLists == lengths.map { (0..<$0).map { Double($0) } })
        }
        for text in ["[[1, 2], [3]]", "[[1], [2, 3]]", "[[1], [2], [3, 4]]"] {
            let error = #expect(throws: DatasetError.self) { try lines("{\"a\": \"x\", \"n\": \(text)}\n") }
            #expect(error?.description.contains("the parts of a list must be alike") == true, "\(String(describing: error))")
        }
    }

    @Test func labelsAreFoundInTheOrderOfTheirNames() throws {
        for (header, label) in [
            ("score,label,a", "label"), ("a,score,labels", "labels"), ("scores,score,a", "score"), ("a,scores,b", "scores"),
        ] {
            let dataset = try read("\(header)\n1,2,3\n")
            #expect(
                dataset.labels?.name == label && dataset.columnNames == header.split(separator: ",").map(String.init).filter { $0 != label }
            )
        }
    }

    /// Errors name the line of a row, behind fields of several lines and after rows were chosen.
    @Test func linesAreCountedInsideOfFields() throws {
        let text = "a,label\n\"one\ntwo\n\nthree\",1\nx,2\n\"y\r\nz\",7\nw,3\n"
        let error = #expect(throws: DatasetError.self) { try read(text + "v\n") }
        #expect(error?.line == 10 && error?.row == 6)
        let dataset = try read(text)
        for (rows, row, line) in [([0, 1, 2, 3], 4, 7), ([3, 2], 4, 7), ([2], 4, 7), ([1, 2, 0], 4, 7)] {
            let error = #expect(throws: DatasetError.self) { try dataset.select(rows).requireLabels(in: 0...5, for: "x") }
            #expect(error?.row == row && error?.line == line, "\(rows): \(String(describing: error))")
        }
        let lists = try lines("{\"a\": \"x\", \"label\": [1, 2]}\n{\"a\": \"y\", \"label\": [1, 9]}\n{\"a\": \"z\", \"label\": [9, 1]}\n")
        #expect(#expect(throws: DatasetError.self) { try lists.requireLabels(in: 0...5, for: "x") }?.line == 2)
    }

    /// Quotation marks are characters where any line has one that encloses nothing, wherever that line is.
    @Test func anyLineTellsTheDialect() throws {
        for (rows, quoting) in [
            (["a \"b\tc", "\"d\"\te"], Dataset.Quoting.none), (["\"d\"\te", "a \"b\tc"], .none), (["\"d\"\te", "f\t\"g\""], .standard),
            (["\"d\"\te", "x \" y\tz", "\"f\"\tg"], .none), (["plain\ttext"], .standard),
        ] as [([String], Dataset.Quoting)] {
            let dataset = try read("one\ttwo\n" + rows.map { $0 + "\n" }.joined(), delimiter: "\t")
            #expect(dataset.quoting == quoting && dataset.rowCount == rows.count, "\(rows)")
        }
    }

    @Test(
        arguments: [(10, 0.25, 3), (10, 0.21, 3), (7, 0.5, 4), (9, 0.05, 1), (10, 0.05, 1), (10, 0.9, 9), (10, 0.94, nil)]
            as [(Int, Double, Int?)])
    func sharesOfRowsAreRoundedUp(rows: Int, share: Double, test: Int?) throws {
        let dataset = try Dataset(["a": (0..<rows).map { "\($0)" }])
        guard let test else {
            #expect(throws: DatasetError.self) { try dataset.trainTestSplit(testSize: share, seed: 1) }
            return
        }
        let parts = try dataset.trainTestSplit(testSize: share, seed: 1)
        #expect(parts.test.rowCount == test && parts.train.rowCount == rows - test)
        #expect((Array(parts.train.columns[0].texts) + parts.test.columns[0].texts).sorted() == dataset.columns[0].texts.sorted())
    }

    /// The words behind the first state and the second one, as the generator's authors' own program gives them for the seed 5489.
    @Test func wordsBehindTheFirstStateAreRight() {
        var generator = MersenneTwister(seed: 5489)
        var words: [UInt32] = []
        for _ in 0..<10_000 { words.append(generator.next()) }
        #expect(words[0] == 3_499_211_612 && words[9999] == 4_123_659_995)
    }

    @Test func namesHaveNoSpaceAtEitherEnd() {
        for name in [" a", "a ", "\ta", "a\u{A0}"] {
            let error = #expect(throws: DatasetError.self) { try Dataset.checkNames(["x", name]) }
            #expect(error?.description.contains("begins or ends with white space") == true)
        }
        #expect(throws: Never.self) { try Dataset.checkNames(["a b", "c"]) }
    }

    /// What would be read back as something else is written in quotes.
    @Test(arguments: ["", "\u{FEFF}x", "a;b", "a|b", "a\tb", "\u{FEFF}", "x"]) func loneFieldsComeBack(_ text: String) throws {
        for texts in [[text], ["first", text], [text, "last"]] {
            let dataset = try Dataset(["a": texts])
            let again = try Dataset(csvBytes: dataset.csvBytes(), source: "f")
            #expect(again.columns[0].texts.elementsEqual(texts) { Array($0.utf8) == Array($1.utf8) })
        }
        let named = try Dataset(columns: [.init(name: "\u{FEFF}a", texts: ["x"])], labels: nil)
        #expect(try Array(Dataset(csvBytes: named.csvBytes(), source: "f").columnNames[0].utf8) == Array("\u{FEFF}a".utf8))
    }
}
