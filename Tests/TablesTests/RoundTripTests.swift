import Foundation
import Testing
@testable import Tables

/// Random tables of all types, written and read back.
struct RoundTripTests {
    static func randomColumn(_ name: String, rows: Int, _ generator: inout MersenneTwister) throws -> Dataset.Column {
        func texts(_ count: Int) -> [String] { (0..<count).map { _ in CSVRoundTripTests.randomText(&generator) } }
        func numbers(_ count: Int, areIntegers: Bool) -> [Double] {
            (0..<count).map { _ in
                let word = generator.next()
                return areIntegers ? Double(word % 99) - 40 : Double(Int(word) - 1 << 30) * [1, 1e-300, 1e290, 0.1][Int(word % 4)]
            }
        }
        let areIntegers = generator.next() % 2 == 0
        let counts = (0..<rows).map { row in row == 0 ? 2 : Int(generator.next() % 4) }
        switch generator.next() % 6 {
        case 0: return .init(name: name, texts: texts(rows))
        case 1: return try .init(name: name, values: numbers(rows, areIntegers: areIntegers), areIntegers: areIntegers)
        case 2: return try .init(name: name, values: numbers(rows * 3, areIntegers: areIntegers), rowShape: [3], areIntegers: areIntegers)
        case 3:
            return try .init(name: name, values: numbers(rows * 6, areIntegers: areIntegers), rowShape: [2, 3], areIntegers: areIntegers)
        case 4: return .init(name: name, textLists: counts.map { texts($0) })
        default:
            return try .init(name: name, numberLists: counts.map { numbers($0, areIntegers: areIntegers) }, areIntegers: areIntegers)
        }
    }

    static func randomTable(seed: UInt32) throws -> Dataset {
        var generator = MersenneTwister(seed: seed)
        let rows = Int(generator.next() % 8) + 1
        let columns = try (0..<generator.next() % 5 + 1).map { try randomColumn("c\($0),", rows: rows, &generator) }
        let label = try Dataset.Column(name: "score", values: (0..<rows).map { _ in Double(generator.next()) / 8 }, areIntegers: false)
        return try Dataset(columns: columns, labels: seed % 2 == 0 ? label : nil)
    }

    @Test func tablesOfAllTypesAreReadBackEqual() throws {
        var kinds = Set<Dataset.Column.Kind>()
        for seed in UInt32(0)..<300 {
            let dataset = try Self.randomTable(seed: seed)
            kinds.formUnion(dataset.columns.map(\.kind))
            #expect(try Dataset(csvBytes: dataset.csvBytes(), source: "data.csv") == dataset, "seed \(seed)")
            let read = try Dataset(jsonLinesBytes: dataset.jsonLinesBytes(), source: "data.jsonl")
            #expect(read == dataset, "seed \(seed)")
            // Types survive, except that lists which happen to be of one length are numbers of one shape.
            for (written, read) in zip(dataset.columns, read.columns) where written.kind != .numberLists {
                #expect(read.kind == written.kind, "seed \(seed)")
            }
        }
        #expect(kinds.count == 4)
    }

    @Test func theFormsAreThoseOfTheField() throws {
        let dataset = try Dataset(
            columns: [
                .init(name: "q", texts: ["a\n\"", "é"]), .init(name: "c", textLists: [["x, y", "\""], []]),
                .init(name: "g", numberLists: [[1, 0.5], []]), .init(name: "n", values: [1, 2]),
            ],
            labels: .init(values: [0.5, 1e300]))
        #expect(
            try String(decoding: dataset.csvBytes(), as: UTF8.self) == #"""
                q,c,g,n,label
                "a
                ""","[""x, y"", ""\""""]","[1.0, 0.5]",1,0.5
                é,[],[],2,1e+300

                """#)
        #expect(
            try String(decoding: dataset.jsonLinesBytes(), as: UTF8.self) == #"""
                {"q":"a\n\"","c":["x, y","\""],"g":[1.0,0.5],"n":1,"label":0.5}
                {"q":"é","c":[],"g":[],"n":2,"label":1e+300}

                """#)
    }

    @Test func bothWritersMakeFilesAndRefuseTheSame() throws {
        let nul = try Dataset(columns: [.init(name: "a", textLists: [["x"], ["y", "\0"]])], labels: nil)
        #expect(message(nul.jsonLinesBytes) == "column \"a\": value 1 (from 0): a text with a NUL character cannot be written")
        #expect(message(nul.csvBytes) == message(nul.jsonLinesBytes))
        #expect(try message(Dataset(["score": ["x"]]).jsonLinesBytes).contains("would be read back as the labels"))
        try Fixtures.withTemporaryFolder { folder in
            let dataset = try Self.randomTable(seed: 4), url = folder.appending(path: "data.jsonl")
            try dataset.writeJSONLines(to: url)
            #expect(try Dataset(contentsOf: url) == dataset)
            #expect(message { try dataset.writeJSONLines(to: folder.appending(path: "absent/a.jsonl")) }.contains("cannot be written"))
        }
    }
}
