import Foundation
import Testing
@testable import Tables

/// Rows chosen, changed and put together; orders as the `datasets` library draws them.
struct DatasetOperationTests {
    private struct Case: Decodable {
        let count: Int
        let seed: UInt64
        let shuffle: [Int]
        let train: [Int]?, test: [Int]?
        let testCount: Int?
    }

    @Test func ordersAreThoseOfTheReference() throws {
        let cases = try Fixtures.decode([Case].self, "tables/orders.rows")
        #expect(cases.count == 7)
        for item in cases {
            let dataset = try Dataset(columns: [.init(name: "i", values: (0..<item.count).map(Double.init))], labels: nil)
            func first(_ dataset: Dataset) -> [Int] { dataset.columns[0].values.prefix(50).map { Int($0) } }
            #expect(first(dataset.shuffle(seed: item.seed)) == item.shuffle, "seed \(item.seed)")
            guard let train = item.train, let test = item.test else { continue }
            let parts = try dataset.trainTestSplit(testSize: 0.3, seed: item.seed)
            #expect(first(parts.train) == train && first(parts.test) == test && parts.test.rowCount == item.testCount, "seed \(item.seed)")
        }
    }

    @Test func slicesAreTheField() throws {
        let dataset = try Dataset(["a": (0..<15).map { "\($0)" }])
        func slice(_ text: String) throws -> [Int] { try dataset.slice(text).columns[0].texts.map { Int($0)! } }
        #expect(try slice("train[:4]") == [0, 1, 2, 3] && slice("[10:]") == [10, 11, 12, 13, 14] && slice("[-2:]") == [13, 14])
        // 10 and 30 hundredths of 15 are 1.5 and 4.5: the nearest even number.
        #expect(try slice("train[10%:30%]") == [2, 3] && slice("[:50%]").count == 8 && slice("[-20%:]") == [12, 13, 14])
        #expect(try slice("[-10%:]") == [13, 14] && slice("[:-90%]") == [0])
        #expect(try slice("train[:2]+train[-1:]") == [0, 1, 14] && slice("train").count == 15 && slice("[:]").count == 15)
        #expect(try slice("[12:99]") == [12, 13, 14])
        for text in ["[4:2]", "[20:]", "[a:b]", "train[3]", "[::2]", "[:200%]", "[1:2", "", "+", "[:99999999999999999999]"] {
            #expect(message { try slice(text) }.contains("slice"), "\(text)")
        }
    }

    @Test func columnsAreRenamedAndMapped() throws {
        let dataset = try Dataset(["a": ["X", "y"], "b": ["1", "2"]], labels: [0.5, 1])
        let renamed = try dataset.renameColumn("a", to: "anchor")
        #expect(renamed.columnNames == ["anchor", "b"] && renamed.columns[0].texts == ["X", "y"] && renamed.labels == dataset.labels)
        #expect(try dataset.renameColumn("label", to: "gold").labels?.name == "gold")
        #expect(message { try dataset.renameColumn("a", to: "b") }.contains("same name"))
        #expect(message { try dataset.renameColumn("x", to: "y") }.contains("there is no such column"))
        let mapped = try dataset.map("a") { $0.text("a").lowercased() + $0.text("b") }
        #expect(mapped.columns[0].texts == ["x1", "y2"] && mapped.columnNames == ["a", "b"])
        #expect(try dataset.map("c") { "\($0.index)" }.columnNames == ["a", "b", "c"])
        #expect(try dataset.map("label") { $0.number("label") * 2 }.labels?.values == [1, 2])
        #expect(try dataset.map("n") { Double($0.text("a").count) }.columns[2].values == [1, 1])
        #expect(message { try dataset.map("label") { _ in "x" } }.contains("a label must be a number"))
        let lists = try Dataset(
            columns: [.init(name: "l", textLists: [["a"], ["b", "c"]]), .init(name: "v", values: [1, 2, 3, 4], rowShape: [2])], labels: nil)
        #expect(lists.filter { $0.texts("l").count == 2 && $0.numbers("v") == [3, 4] }.rowCount == 1)
    }

    @Test func rowsAreFilteredAndCounted() throws {
        let dataset = try csv("a,label\nx,1\ny,2\nx,3\n")
        let filtered = dataset.filter { $0.number("label") != 2 }
        #expect(filtered.labels?.values == [1, 3] && filtered.error(atRow: 1, "p").row == 4)
        #expect(try dataset.unique("a") == ["x", "y"] && dataset.unique("label") == ["1", "2", "3"])
        #expect(message { try dataset.unique("b") }.contains("there is no such column"))
        #expect(dataset.select(1..<3).columns[0].texts == ["y", "x"])
    }

    @Test func onlyLikeTablesAreConcatenated() throws {
        let first = try csv("a,label\nx,1\n"), second = try csv("a,label\ny,2.5\n")
        let both = try Dataset.concatenate([first, second])
        #expect(both.columns[0].texts == ["x", "y"] && both.labels?.values == [1, 2.5] && both.labels?.areIntegers == false)
        #expect(both.error(atRow: 1, "p").description == "data.csv, row 2: p")
        #expect(try Dataset.concatenate([first]) == first)
        #expect(
            message { try Dataset.concatenate([first, csv("b,label\ny,2\n")]) }.contains(
                "the columns are \"b\", \"label\", but those of data.csv are"))
        #expect(message { try Dataset.concatenate([first, csv("a\ny\n")]) }.contains("but those of"))
        let numbers = try Dataset(columns: [.init(name: "a", values: [1])], labels: .init(values: [1]))
        let texts = try Dataset(["a": ["x"]], labels: [1])
        #expect(
            message { try Dataset.concatenate([texts, numbers]) }
                == "dataset 2, column \"a\": the column holds numbers, but in the first dataset texts")
        #expect(message { try Dataset.concatenate([]) }.contains("no dataset"))
    }
}
