import Foundation
import Testing

@testable import Tables

struct TextColumnTests {
    private static let texts = ["", "a", "é", "e\u{301}", "日本語", "a"]

    @Test func aColumnIsACollectionOfItsTexts() {
        let column = TextColumn(Self.texts)
        #expect(column.count == 6 && Array(column) == Self.texts && Array(column.reversed()) == Self.texts.reversed())
        #expect(column.indices.map(column.utf8Count) == Self.texts.map(\.utf8.count))
        #expect(TextColumn(column) == column && column.prefix(2).elementsEqual(["", "a"]))
        #expect(Array(column.selecting([5, 1, 1, 3])) == ["a", "a", "a", "e\u{301}"])
        #expect(Array(column.selecting([5, 1, 3]).selecting([2, 0])) == ["e\u{301}", "a"])
    }

    @Test func textsAreEqualByTheirBytes() {
        #expect(TextColumn(["é"]) != TextColumn(["e\u{301}"]) && TextColumn(["ab", "c"]) != TextColumn(["a", "bc"]))
        let column = TextColumn(Self.texts)
        #expect(column.digest(1) == column.digest(5) && Set(column.indices.map(column.digest)).count == 5)
        #expect(Set([column, TextColumn(Self.texts), ["a"]]).count == 2)
    }

    /// 100 MB of texts are more than stay in memory.
    @Test func manyTextsGoToAFile() {
        var builder = TextBuilder()
        let long = String(repeating: "0123456789", count: 100)
        for number in 0..<100_000 { builder.append("\(number) \(long)") }
        let early = builder.column
        builder.append("the last")
        builder.repeatLast()
        let column = builder.column
        #expect(!column.store.isInMemory && early.count == 100_000 && column.count == 100_002)
        for row in [0, 1, 66_000, 99_999] { #expect(column[row] == "\(row) \(long)" && early[row] == column[row]) }
        #expect(column[100_000] == "the last" && column[100_001] == "the last")
        #expect(column.text(7, isTextOf: early, 7) && !column.text(7, isTextOf: early, 8) && column.digest(7) == early.digest(7))
        let picked = column.selecting([99_999, 0, 100_001])
        #expect(picked[0] == "99999 \(long)" && picked[1] == "0 \(long)" && picked[2] == "the last")

        let joined = TextColumn.joined([["first"], early, picked])
        #expect(!joined.store.isInMemory && joined.count == 100_004 && joined[0] == "first" && joined[66_001] == column[66_000])
        #expect(joined[100_003] == "the last")
    }

    /// A text that many rows refer to is there once, however the rows come.
    @Test func sharedTextsAreStoredOnce() {
        let long = TextColumn([String(repeating: "x", count: 1 << 20), "y"])
        let column = TextColumn.joined([["first"], long.selecting((0..<3_000).map { $0 % 2 }), long.selecting([1, 0, 0, 0, 0])])
        #expect(column.count == 3_006 && column.store.isInMemory && column.store.count == 3)
        #expect(column[0] == "first" && column[2] == "y" && column[3_001] == "y" && column.utf8Count(3_002) == 1 << 20)
    }

    @Test func nullsTakeSomePlace() {
        #expect(Array(TextColumn(["a", "b"]).spread([true, false, true, false]).selecting([1, 3])) == ["a", "b"])
        #expect(TextColumn([]).spread([true, true]).count == 2)
    }

    #if compiler(>=6.2)
        @Test func aRowOutsideEndsTheProgramWithAMessage() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = TextColumn(["a", "b"])[2]
            }
            let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(message.contains("row 2 is not in 0..<2"), "\(message)")
        }

        @Test func whereTheCacheFolderCannotBeMadeTextsStayInMemory() async {
            await #expect(processExitsWith: .success) {
                setenv("TAPESTRY_CACHE", "/proc/none/such", 1)
                var builder = TextBuilder()
                let long = String(repeating: "0123456789", count: 1000)
                for number in 0..<8_000 { builder.append("\(number) \(long)") }
                let column = builder.column
                precondition(
                    column.store.isInMemory && column.count == 8_000 && column[7_999] == "7999 \(long)" && column[0] == "0 \(long)")
            }
        }
    #endif

    /// A record, a line and a character may lie on the border of two blocks; compressed or not.
    @Test(arguments: ["csv", "csv.gz", "jsonl", "jsonl.zst", "txt.gz"]) func filesOfManyBlocksAreReadWhole(type: String) throws {
        let texts = (0..<40_000).map { "\($0) " + String(repeating: "日本 \"q\", ", count: $0 % 23) + "é" }
        let dataset = try Dataset(["text": texts])
        try Fixtures.withTemporaryFolder { folder in
            let url = folder.appending(path: "a." + type)
            try dataset.write(to: url)
            #expect(try Dataset(contentsOf: url) == dataset)
        }
    }

    @Test(arguments: ["csv", "txt", "jsonl"]) func offsetsAreThoseOfTheFileBehindTheFirstBlock(type: String) throws {
        var bytes = Array("text\n".utf8)
        let line = type == "jsonl" ? "{\"text\": \"some words of no meaning\"}\n" : "some words of no meaning\n"
        if type == "jsonl" { bytes = [] }
        while bytes.count < 9_000_000 { bytes += line.utf8 }
        let offset = bytes.count + line.utf8.count - 5, number = bytes.count { $0 == 10 } + 1
        bytes += line.utf8
        bytes[offset] = 0xFF
        try Fixtures.withTemporaryFolder { folder in
            let url = folder.appending(path: "a." + type)
            try Data(bytes).write(to: url)
            let found = message { try Dataset(contentsOf: url) }
            #expect(found.contains("0xFF at offset \(offset) of the file") && found.contains("\(number)"), "\(found)")
        }
    }
}
