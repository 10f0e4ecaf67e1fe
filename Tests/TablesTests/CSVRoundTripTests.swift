import Foundation
import Testing
@testable import Tables

struct CSVRoundTripTests {
    static let pieces = [
        "a", "word ", ",", "\"", "\"\"", "\n", "\r\n", "\r", "\t", " ", "é", "e\u{301}", "\u{301}", "🧵", "漢字",
        "\u{FEFF}", "'", "\\", "\u{2028}", "\u{7F}", "0", "",
    ]

    static func randomText(_ generator: inout MersenneTwister) -> String {
        (0..<generator.next() % 6).map { _ in pieces[Int(generator.next()) % pieces.count] }.joined()
    }

    static func randomTable(seed: UInt32) throws -> Dataset {
        var generator = MersenneTwister(seed: seed)
        let rowCount = Int(generator.next() % 20) + 1
        let columns = (0..<generator.next() % 4 + 1).map { index in
            Dataset.Column(
                name: "c\(index)" + randomText(&generator) + ".",
                texts: (0..<rowCount).map { _ in randomText(&generator) })
        }
        switch seed % 3 {
        case 0: return try Dataset(columns: columns, labels: nil)
        case 1:
            let values = (0..<rowCount).map { _ in Double(generator.next() % 7) - 3 }
            return try Dataset(columns: columns, labels: Dataset.Column(name: "label", values: values))
        default:
            let values = (0..<rowCount).map { _ in Double(generator.next()) / 1e7 * (seed % 2 == 0 ? 1 : -1e-9) }
            return try Dataset(columns: columns, labels: Dataset.Column(name: "score", values: values, areIntegers: false))
        }
    }

    @Test func writtenTablesAreReadBackEqual() throws {
        var quoted = 0
        for seed in UInt32(0)..<300 {
            let dataset = try Self.randomTable(seed: seed)
            let bytes = try dataset.csvBytes()
            #expect(try Dataset(csvBytes: bytes, source: "data.csv") == dataset, "seed \(seed)")
            if bytes.contains(UInt8(ascii: "\"")) { quoted += 1 }
        }
        #expect(quoted > 250)
    }

    @Test func formIsPlainWherePossible() throws {
        let dataset = try Dataset(["a": ["x", "y,z"], "b": ["", "\""]], labels: [1, 0])
        #expect(try String(decoding: dataset.csvBytes(), as: UTF8.self) == "a,b,label\nx,,1\n\"y,z\",\"\"\"\",0\n")
        let single = try Dataset(["a": ["", "x"]])
        #expect(try String(decoding: single.csvBytes(), as: UTF8.self) == "a\n\"\"\nx\n")
    }

    @Test func aFileIsReplacedWholeAndNothingElseIsLeft() throws {
        try Fixtures.withTemporaryFolder { folder in
            let url = folder.appending(path: "data.csv")
            try DatasetTests.numbered(100).writeCSV(to: url)
            let dataset = try DatasetTests.numbered(3)
            try dataset.writeCSV(to: url)
            #expect(try Dataset(contentsOf: url) == dataset)
            // A table that cannot be written leaves the earlier file alone.
            #expect(message { try Dataset(["a": ["x", "\0"]]).writeCSV(to: url) }.contains("NUL"))
            #expect(try Dataset(contentsOf: url) == dataset)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["data.csv"])
            let nowhere = folder.appending(path: "absent/data.csv")
            #expect(message { try dataset.writeCSV(to: nowhere) }.contains("data.csv: the file cannot be written"))
        }
    }

    @Test func tablesThatWouldNotReadBackAreRefused() throws {
        #expect(try message(DatasetTests.numbered(3).prefix(0).csvBytes).contains("no rows to write"))
        let misleading = try Dataset(["score": ["x"]])
        #expect(message(misleading.csvBytes).contains("column \"score\": this input column would be read back"))
        #expect(try message(Dataset(["a": ["x", "y\0"]]).csvBytes).contains("\"a\": value 1 (from 0)"))
        // A text column of a later conventional name than the labels' stays a text column.
        let second = try Dataset(["text": ["x"], "score": ["7"]], labels: [1])
        #expect(try Dataset(csvBytes: second.csvBytes(), source: "data.csv") == second)
    }
}
