import Testing
@testable import Sampling
@testable import Tables

struct BatchSamplerTests {
    /// 200 rows of which many share texts, within a column and across the two, and five labels.
    static let repetitive: Dataset = {
        var generator = MersenneTwister(seed: 4)
        let columns = ["anchor", "positive"].map { name in
            Dataset.Column(name: name, texts: (0..<200).map { _ in "text \(generator.next() % 120)" })
        }
        let labels = Dataset.Column(uncheckedName: "label", values: (0..<200).map { Double($0 % 5) }, areIntegers: true)
        return Dataset(unchecked: columns, labels: labels, origin: nil)
    }()

    @Test func noDuplicatesDealsTheWorkedExample() throws {
        // Rows 0 and 2 share x0, rows 1 and 5 share x1, and row 4 holds x0 in the other column.
        let dataset = try Dataset([
            "a": ["x0", "x1", "x0", "x3", "x4", "x1", "x6", "x7"],
            "b": ["y0", "y1", "y2", "y3", "x0", "y5", "y6", "y7"],
        ])
        let sampler = try NoDuplicatesBatchSampler(dataset: dataset, batchSize: 3, seed: 0)
        #expect(sampler.batches(epoch: 0) == [[4, 7, 3], [0, 5, 6], [2, 1]])
        #expect(sampler.batches(epoch: 1) == [[5, 4, 6], [2, 7, 3], [1, 0]])
    }

    @Test(arguments: [1, 7, 16, 200, 300], [false, true])
    func defaultSamplerDealsEachRowOnce(batchSize: Int, dropLast: Bool) throws {
        let sampler = try DefaultBatchSampler(rowCount: 200, batchSize: batchSize, dropLast: dropLast, seed: 9)
        let batches = sampler.batches(epoch: 3)
        let rows = batches.flatMap { $0 }
        #expect(batches.count == sampler.batchCount)
        #expect(Set(rows).count == rows.count)
        #expect(rows.count == (dropLast ? 200 / batchSize * batchSize : 200))
        #expect(batches.dropLast().allSatisfy { $0.count == batchSize })
    }

    @Test(arguments: [2, 8, 32], [false, true])
    func noDuplicatesHasNoTextTwiceInABatch(batchSize: Int, dropLast: Bool) throws {
        let dataset = Self.repetitive
        let sampler = try NoDuplicatesBatchSampler(
            dataset: dataset, batchSize: batchSize, dropLast: dropLast, seed: 1)
        // The premise: the plain sampler does repeat texts on these rows.
        let plain = try DefaultBatchSampler(rowCount: 200, batchSize: batchSize, dropLast: dropLast, seed: 1)
        #expect(plain.batches(epoch: 0).contains { Self.sharesText($0, in: dataset) })
        for epoch in 0..<3 {
            let batches = sampler.allBatches(epoch: epoch)
            #expect(!batches.isEmpty)
            #expect(!batches.contains { Self.sharesText($0, in: dataset) })
            if dropLast {
                #expect(batches.allSatisfy { $0.count == batchSize })
            } else {
                #expect(batches.flatMap { $0 }.sorted() == Array(0..<200))
            }
        }
    }

    /// Whether two different rows of the batch hold the same text.
    static func sharesText(_ batch: [Int], in dataset: Dataset) -> Bool {
        let perRow = batch.map { row in Set(dataset.columns.map { $0.texts[row] }) }
        return perRow.reduce(into: Set<String>()) { $0.formUnion($1) }.count < perRow.reduce(0) { $0 + $1.count }
    }

    @Test(arguments: [4, 10, 64], [false, true])
    func everyBatchByLabelHoldsTriplets(batchSize: Int, dropLast: Bool) throws {
        let labels = (0..<230).map { Double($0 % 7 == 0 ? 6 : $0 * $0 % 5) }
        let dataset = try Dataset(["text": labels.map { "\($0)" }], labels: labels)
        let sampler = try GroupByLabelBatchSampler(dataset: dataset, batchSize: batchSize, dropLast: dropLast, seed: 3)
        // The premise: shuffled batches of four do leave labels alone.
        let plain = try DefaultBatchSampler(rowCount: labels.count, batchSize: 4, seed: 3)
        func hasTriplets(_ batch: [Int]) -> Bool {
            let counts = Dictionary(grouping: batch) { labels[$0] }.values.map(\.count)
            return counts.count >= 2 && counts.allSatisfy { $0 >= 2 }
        }
        #expect(!plain.batches(epoch: 0).allSatisfy(hasTriplets))
        for epoch in 0..<3 {
            let batches = sampler.batches(epoch: epoch)
            let rows = batches.flatMap { $0 }
            #expect(!batches.isEmpty && batches.count == sampler.batchCount)
            #expect(batches.allSatisfy(hasTriplets))
            #expect(Set(rows).count == rows.count)
            #expect(batches.dropLast().allSatisfy { $0.count == batchSize })
        }
    }

    @Test func groupingByLabelRefusesWhatHoldsNoTriplet() throws {
        func refusal(_ labels: [Double]?, batchSize: Int = 4) -> String {
            message {
                let dataset = try Dataset(["text": (0..<5).map { "\($0)" }], labels: labels)
                return try GroupByLabelBatchSampler(dataset: dataset, batchSize: batchSize, seed: 0)
            }
        }
        #expect(
            refusal([0, 0, 1, 1, 1], batchSize: 5)
                == "batchSize must be even and at least 4 to group rows by label, found 5")
        #expect(
            refusal([0, 0, 1, 1, 1], batchSize: 2)
                == "batchSize must be even and at least 4 to group rows by label, found 2")
        #expect(refusal(nil) == "grouping rows by label takes one number a row as label, but there is no label column")
        #expect(
            refusal([0, 0, 0, 1, 2])
                == "column \"label\": grouping rows by label takes two labels or more that occur twice or more, found 1")
    }

    @Test func aRowWithTheSameTextTwiceCanBeDealt() throws {
        let dataset = try Dataset(["a": ["x", "y"], "b": ["x", "z"]])
        let sampler = try NoDuplicatesBatchSampler(dataset: dataset, batchSize: 2, dropLast: true, seed: 0)
        #expect(sampler.batches(epoch: 0).map { $0.sorted() } == [[0, 1]])
    }

    @Test(arguments: BatchSamplers.allCases, [false, true])
    func batchesDependOnSeedAndEpochAlone(kind: BatchSamplers, dropLast: Bool) throws {
        func make(seed: UInt64) throws -> any BatchSampler {
            try kind.sampler(for: Self.repetitive, batchSize: 8, dropLast: dropLast, seed: seed)
        }
        let sampler = try make(seed: 5)
        let first = sampler.batches(epoch: 2)
        #expect(!first.isEmpty && first.count <= sampler.batchCount)
        _ = sampler.batches(epoch: 7)
        #expect(sampler.batches(epoch: 2) == first)
        #expect(try make(seed: 5).batches(epoch: 2) == first)
        #expect(sampler.batches(epoch: 3) != first)
        #expect(try make(seed: 6).batches(epoch: 2) != first)
        // Epoch e of seed s is epoch e - 1 of seed s + 1.
        #expect(try make(seed: 6).batches(epoch: 1) == first)
    }

    @Test func namesAreThoseOfTheArguments() throws {
        #expect(BatchSamplers(rawValue: "batch_sampler") == .batchSampler)
        #expect(BatchSamplers(rawValue: "no_duplicates") == .noDuplicates)
        #expect(BatchSamplers(rawValue: "group_by_label") == .groupByLabel)
        let dataset = Self.repetitive
        let grouped = try BatchSamplers.groupByLabel.sampler(for: dataset, batchSize: 4, seed: 1)
        #expect(grouped is GroupByLabelBatchSampler)
        let plain = try BatchSamplers.batchSampler.sampler(for: dataset, batchSize: 4, seed: 1)
        let distinct = try BatchSamplers.noDuplicates.sampler(for: dataset, batchSize: 4, seed: 1)
        #expect(plain is DefaultBatchSampler)
        #expect(distinct is NoDuplicatesBatchSampler)
    }

    @Test(arguments: BatchSamplers.allCases, [0, -3])
    func batchSizeMustBePositive(kind: BatchSamplers, batchSize: Int) {
        let text = message { try kind.sampler(for: Self.repetitive, batchSize: batchSize, seed: 1) }
        #expect(text == "batchSize must be at least 1, found \(batchSize)")
    }

    @Test(arguments: BatchSamplers.allCases, [false, true])
    func noRowsGiveNoBatches(kind: BatchSamplers, dropLast: Bool) throws {
        let sampler = try kind.sampler(
            for: Self.repetitive.prefix(0), batchSize: 4, dropLast: dropLast, seed: 1)
        #expect(sampler.batchCount == 0)
        #expect(sampler.batches(epoch: 0).isEmpty)
    }
}

extension BatchSamplerTests {
    /// Texts that are canonically equal, but of other bytes, are two texts; columns of other types count as they are written.
    @Test func duplicatesAreToldByWhatIsWritten() throws {
        let spelled = try Dataset(["a": ["\u{E9}", "e\u{301}"]])
        #expect(try NoDuplicatesBatchSampler(dataset: spelled, batchSize: 2, seed: 0).batches(epoch: 0).count == 1)
        let lists = try Dataset(columns: [.init(name: "a", textLists: [["x", "y"], ["x", "y"], ["x"]])], labels: nil)
        #expect(try NoDuplicatesBatchSampler(dataset: lists, batchSize: 3, seed: 0).allBatches(epoch: 0).map(\.count).sorted() == [1, 2])
        let numbers = try Dataset(columns: [.init(name: "a", values: [1, 2, 1])], labels: nil)
        #expect(try NoDuplicatesBatchSampler(dataset: numbers, batchSize: 3, seed: 0).allBatches(epoch: 0).map(\.count).sorted() == [1, 2])
    }
}
