import Foundation
import JSON
import Testing
@testable import Tables

/// Files of other programs, and their rows as these programs read them back.
struct FileFormatTests {
    static let folder = Fixtures.folder.appending(path: "tables")

    static func rows(_ name: String) throws -> [JSONValue] {
        guard case .array(let rows) = try JSONValue.parse([UInt8](Data(contentsOf: folder.appending(path: name + ".rows")))) else {
            throw DatasetError("no rows", source: name)
        }
        return rows
    }

    /// The name of the rows that each file holds.
    static let files: [(file: String, rows: String)] = {
        let bytes = (try? Data(contentsOf: folder.appending(path: "files.rows"))) ?? Data()
        let names = (try? JSONDecoder().decode([String: String].self, from: bytes)) ?? [:]
        return names.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }()

    /// Equal values: 1 and 1.0 are, and a decimal is as the nearest double.
    static func isEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.array(let left), .array(let right)): left.elementsEqual(right, by: isEqual)
        case (.object(let left), .object(let right)):
            left.members.elementsEqual(right.members) { $0.key == $1.key && isEqual($0.value, $1.value) }
        case (.integer, .number), (.number, .integer), (.number, .number): number(left) == number(right)
        default: left == right
        }
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number.doubleValue
        default: nil
        }
    }

    static func objects(_ table: Table) -> [JSONValue] { (0..<table.rowCount).map { .object(table.object(atRow: $0)) } }

    @Test func thereAreFilesOfEveryKind() { #expect(Self.files.count > 40) }

    @Test(arguments: files.map(\.file)) func rowsAreThoseOfTheReference(_ file: String) throws {
        let expected = try Self.rows(Self.files.first { $0.file == file }!.rows)
        let found = Self.objects(try Table(contentsOf: Self.folder.appending(path: file)).typed)
        #expect(found.count == expected.count)
        for (row, (found, expected)) in zip(found, expected).enumerated() where !Self.isEqual(found, expected) {
            Issue.record("row \(row): \(found.serialized(.compact)) instead of \(expected.serialized(.compact))")
            break
        }
    }

    // MARK: Writing

    /// What was read, written and read again has the same rows, but for types that a format lacks.
    @Test(
        arguments: ["parquet", "arrow", "json", "jsonl", "jsonl.gz", "json.zst"], ["none-v1.parquet", "more.arrow", "duckdb-v2.parquet"])
    func rowsSurviveConversions(_ type: String, _ file: String) throws {
        let table = try Table(contentsOf: Self.folder.appending(path: file))
        try Fixtures.withTemporaryFolder { folder in
            let url = folder.appending(path: "t." + type)
            try table.write(to: url)
            let again = try Table(contentsOf: url)
            #expect(again.columns.map(\.name) == table.columns.map(\.name))
            for (left, right) in zip(table.columns, again.columns) {
                // Decimals become texts where columns are typed.
                if case .decimals = left.values.content { continue }
                for row in 0..<table.rowCount {
                    #expect(Self.isEqual(left.json(atRow: row), right.json(atRow: row)), "\(left.name), row \(row)")
                }
            }
        }
    }

    @Test(arguments: ["csv", "tsv", "jsonl", "json", "parquet", "arrow", "csv.gz", "tsv.zst"]) func datasetsComeBackEqual(_ type: String)
        throws
    {
        try Fixtures.withTemporaryFolder { folder in
            let url = folder.appending(path: "t." + type)
            for seed in UInt32(0)..<40 {
                let dataset = try RoundTripTests.randomTable(seed: seed)
                try dataset.write(to: url)
                // Quotes are characters to a reader of tabs where some enclose nothing.
                let again =
                    type.hasPrefix("tsv") ? try Dataset(csv: url, delimiter: "\t", quoting: .standard) : try Dataset(contentsOf: url)
                #expect(again == dataset, "seed \(seed)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["t." + type])
        }
    }

    /// More rows than a page, a batch or a group holds.
    @Test(arguments: ["parquet", "arrow"]) func manyRowsComeBack(_ type: String) throws {
        let count = 120_001
        let dataset = try Dataset(
            columns: [
                .init(name: "a", texts: (0..<count).map { "text \($0)" }),
                .init(name: "l", textLists: (0..<count).map { ["\($0)"] + ($0 % 2 == 0 ? ["é"] : []) }),
            ], labels: Dataset.Column(values: (0..<count).map { Double($0) / 2 }))
        try Fixtures.withTemporaryFolder { folder in
            let url = folder.appending(path: "t." + type)
            try dataset.write(to: url)
            #expect(try Dataset(contentsOf: url) == dataset)
        }
    }

    @Test func databasesAndTextsComeBack() throws {
        try Fixtures.withTemporaryFolder { folder in
            let url = folder.appending(path: "t.sqlite")
            let dataset = try Dataset(["a": ["x", "", "\"é\n"], "b": ["1", "2", "3"]], labels: [0.5, 1, -2])
            try dataset.write(to: url)
            #expect(try Dataset(contentsOf: url) == dataset)
            #expect(
                try Dataset(sql: "SELECT b, label FROM t WHERE label > 0 ORDER BY label DESC", database: url)
                    == Dataset(["b": ["2", "1"]], labels: [1, 0.5]))
            let text = folder.appending(path: "t.txt")
            try dataset.selectColumns(["b"]).write(to: text)
            #expect(try String(contentsOf: text, encoding: .utf8) == "1\n2\n3\n")
            #expect(try Dataset(contentsOf: text) == Dataset(["text": ["1", "2", "3"]]))
            #expect(message { try dataset.selectColumns(["a"]).write(to: text) }.contains("row 3, column \"a\": a text with a line break"))
            #expect(message { try dataset.write(to: text) }.contains("a text file holds one column"))
            #expect(message { try dataset.write(to: folder.appending(path: "t.xls")) }.contains("files of type \"xls\""))
            #expect(message { try dataset.write(to: folder) }.contains("files of type"))
        }
    }

    // MARK: Databases

    @Test func statementsThatChangeAreRefused() throws {
        let url = Self.folder.appending(path: "pairs.sqlite")
        func refusal(_ query: String) -> String { message { try Dataset(sql: query, database: url) } }
        #expect(refusal("DELETE FROM pairs").contains("only statements that read can be run"))
        #expect(refusal("SELECT 1; DROP TABLE pairs").contains("more than one statement"))
        #expect(refusal("").contains("the query is empty"))
        #expect(refusal("SELECT x FROM pairs").contains("no such column: x"))
        #expect(refusal("SELECT anchor, anchor FROM pairs").contains("two columns have this name"))
        #expect(refusal("SELECT anchor FROM pairs WHERE 0").contains("the file has no rows"))
        #expect(refusal("SELECT zeroblob(3) AS a").contains("row 1, column \"a\": a value must be a text or a number, found bytes"))
        #expect(try Dataset(sql: "SELECT upper(anchor) AS a, 1 AS label FROM pairs LIMIT 2;", database: url).rowCount == 2)
        try Fixtures.withTemporaryFolder { folder in
            let other = folder.appending(path: "x.db")
            try Data("no database, but a text of some length".utf8).write(to: other)
            #expect(message { try Dataset(contentsOf: other) }.contains("file is not a database"))
            #expect(message { try Dataset(contentsOf: folder.appending(path: "absent.db")) }.contains("No such file"))
        }
    }

    // MARK: Several files

    @Test func patternsNameSeveralFiles() throws {
        try Fixtures.withTemporaryFolder { folder in
            let first = try Dataset(["a": ["x", "y"], "b": ["1", "2"]], labels: [0.5, 1]),
                second = try Dataset(["b": ["3"], "a": ["z"]], labels: [2])
            try first.write(to: folder.appending(path: "train-0.parquet"))
            try second.write(to: folder.appending(path: "train-1.parquet"))
            try first.write(to: folder.appending(path: "test-0.parquet"))
            let all = try Dataset(contentsOf: folder.appending(path: "train-*.parquet"))
            #expect(try all == Dataset(["a": ["x", "y", "z"], "b": ["1", "2", "3"]], labels: [0.5, 1, 2]))
            #expect(all.error(atRow: 2, "p").description.hasSuffix("train-1.parquet, row 1: p"))
            #expect(all.select([2, 1]).error(atRow: 1, "p").description.hasSuffix("train-0.parquet, row 2: p"))
            #expect(try Dataset.concatenate([first, second]) == all)
            #expect(try Dataset(contentsOf: folder.appending(path: "t?st-0.parquet")) == first)
            #expect(message { try Dataset(contentsOf: folder.appending(path: "x-*.parquet")) }.contains("no file has a name like this"))
            try Dataset(["a": ["x"], "c": ["1"]]).write(to: folder.appending(path: "train-2.parquet"))
            let names = message { try Dataset(contentsOf: folder.appending(path: "train-*.parquet")) }
            #expect(names.contains("train-2.parquet: the columns are \"a\", \"c\", but those of") && names.contains("train-0.parquet"))
            try Dataset(columns: [.init(name: "a", texts: ["x"]), .init(name: "b", values: [1])], labels: .init(values: [1]))
                .write(to: folder.appending(path: "train-2.parquet"))
            let types = message { try Dataset(contentsOf: folder.appending(path: "train-*.parquet")) }
            #expect(
                types.contains("train-2.parquet, column \"b\": the column holds values of type int64, but in")
                    && types.contains("of type string"))
        }
    }

    // MARK: Nulls, and columns without a place

    @Test func nullsAreRefusedOrTheirRowsLeftOut() throws {
        let url = Self.folder.appending(path: "none-v1.parquet")
        let text = message { try Dataset(contentsOf: url, inputs: ["text", "text_null"]) }
        let nulls = try Self.rows("everything").map { row in if case .object(let row) = row { row["text_null"] == .null } else { false } }
        #expect(
            text.contains(
                "none-v1.parquet, row \(nulls.firstIndex(of: true)! + 1), column \"text_null\": a value must be a text, a number "
                    + "or a list of either, found null"
            ))
        let dropped = try Dataset(contentsOf: url, inputs: ["text_null"], labelColumn: "int64", nulls: .dropRows)
        #expect(dropped.rowCount == nulls.count { !$0 })
        // A row is named as the file has it, though others are gone.
        let row = nulls.indices.filter { !nulls[$0] }[5]
        #expect(dropped.error(atRow: 5, "p").row == row + 1)
        #expect(message { try Dataset(contentsOf: url, inputs: ["nothing"], nulls: .dropRows) }.contains("no row has a value"))
        let lines = "{\"a\": null, \"b\": 1}\n{\"a\": \"x\", \"b\": null}\n{\"a\": \"y\", \"b\": 3}\n"
        let table = try Table(jsonLines: JSONLines(.bytes(Array(lines.utf8), source: "f")))
        #expect(
            try Dataset(table, inputs: ["a", "b"], nulls: .dropRows)
                == Dataset(columns: [.init(name: "a", texts: ["y"]), .init(name: "b", values: [3])], labels: nil))
        #expect(
            message { try Dataset(table) }.hasPrefix(
                "f, line 1, column \"a\": a value must be a text, a number or a list of either, found null; leave such rows out"))
        #expect(Self.objects(table).map { $0.serialized(.compact) } == [#"{"a":null,"b":1}"#, #"{"a":"x","b":null}"#, #"{"a":"y","b":3}"#])
    }

    @Test func columnsAreRefusedOnlyWhenTheyAreChosen() throws {
        let url = Self.folder.appending(path: "none-v1.parquet")
        for (column, part) in [
            ("day", "the column holds dates"), ("moment", "the column holds points in time"), ("bytes", "the column holds bytes"),
            ("object", "found null"), ("objects", "a list may hold texts, numbers"), ("ragged", "found null"),
            ("words_null", "found null in a list"),
            ("uint64", "2^53"),
        ] { #expect(message { try Dataset(contentsOf: url, inputs: [column]) }.contains(part), "\(column)") }
        let dataset = try Dataset(contentsOf: url, inputs: ["text", "vector", "matrix", "flag", "price"], labelColumn: "int32")
        #expect(dataset.columns.map(\.kind) == [.texts, .numbers, .numbers, .numbers, .numbers])
        #expect(dataset.columns[1].rowShape == [2] && dataset.columns[2].rowShape == [2, 2])
        #expect(Set(dataset.columns[3].values) == [0, 1] && dataset.labels?.areIntegers == true)
        // What is not chosen is not read: a mark for what is damaged there.
        #expect(message { try Dataset(contentsOf: url) }.contains("column"))
        #expect(
            message { try Dataset(contentsOf: url, inputs: ["absent"]) }.contains(
                "column \"absent\": there is no such column; the columns are \"text\""))
    }

    @Test func namesTellFormats() {
        func refusal(_ name: String) -> String { message { try Dataset(contentsOf: URL(filePath: "/absent/" + name)) } }
        #expect(refusal("a.parquet.gz").contains("compressed from within"))
        #expect(refusal("a.gz").contains("files of type \"\" cannot be read; the types are .csv, .tsv"))
        #expect(refusal("a.CSV.GZ").contains("No such file"))
        #expect(refusal("a.xlsx").contains("files of type \"xlsx\""))
    }

    // MARK: JSON

    @Test func listsUnderKeysAreFound() throws {
        func read(_ text: String, field: String? = nil) throws -> Dataset {
            try Dataset(Table(jsonBytes: Array(text.utf8), source: "f", field: field))
        }
        let expected = try Dataset(["a": ["x", "]}\\\""]])
        let list = #"[{"a": "x"}, {"a": "]}\\\""}]"#
        #expect(try read(list) == expected && read("\u{FEFF} \(list)\n") == expected)
        #expect(try read(#"{"n": {"a": [1, "{"]}, "data": \#(list), "x": []}"#) == expected)
        #expect(try read(#"{"n": [{"b": "y"}], "data": \#(list)}"#, field: "data") == expected)
        #expect(
            message { try read(#"{"n": [{"b": "y"}], "data": \#(list)}"#) }.contains("several keys hold lists of objects, \"n\", \"data\""))
        for (text, part) in [
            ("", "f, line 1: the file is empty"), ("[]", "the list is empty"), ("3", "found \"3\""), ("{}", "no key of the object"),
            ("[1]", "must be an object, found \"1\""), ("[{}]", "the object has no keys"),
            (list + "x", "there is text after the value's end"),
            (#"[{"a": "x"} {"a": "y"}]"#, "\",\" or \"]\" was expected"), (#"[{"a": "x"},]"#, "must be an object, found \"]\""),
            (#"[{"a": "x"}"#, "the text ends inside a list"), (#"[{"a": "x"}, {"a": "y"#, "never ends"),
            ("[{\"a\": \"x\"},\n{\"b\": \"y\"}]", "f, row 2, column \"b\": the first object has no such key"),
            ("[{\"a\": \"x\"},\n{\"a\": nul}]", "f, line 2:"),
            ("[{\"a\": \"x\"},\n{\"a\": 1}]", "f, row 2, column \"a\": all values of a column"),
            ("[{\"a\": [true]}]", "found true in it"), ("[{\"a\": {\"b\": 1}}]", "found an object"),
            (#"{"data": [{"a": 1}]"#, "the text ends inside an object"),
        ] { #expect(message { try read(text) }.contains(part), "\(text): \(message { try read(text) })") }
        #expect(message { try read(list, field: "data") }.contains("the file is a list, which has no key \"data\""))
        #expect(try read(#"[{"a": "x", "label": true}, {"a": "y", "label": false}]"#).labels?.values == [1, 0])
    }

    @Test func damagedCompressionIsRefused() throws {
        let bytes = try [UInt8](Data(contentsOf: Self.folder.appending(path: "pairs.jsonl.gz")))
        try Fixtures.withTemporaryFolder { folder in
            let url = folder.appending(path: "a.jsonl.gz")
            try Data(bytes.dropLast(3)).write(to: url)
            #expect(message { try Dataset(contentsOf: url) }.contains("end in the middle: the file was cut"))
            var damaged = bytes
            damaged[bytes.count / 2] ^= 0x55
            try Data(damaged).write(to: url)
            #expect(message { try Dataset(contentsOf: url) }.contains("a.jsonl.gz"))
        }
    }
}
