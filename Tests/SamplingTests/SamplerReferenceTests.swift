import Testing
@testable import Sampling
@testable import Tables

/// Batches equal those of sentence-transformers, made by Tests/Reference/sampler_fixtures.py.
struct SamplerReferenceTests {
    struct Case: Decodable {
        struct Column: Decodable { let name: String, texts: [String] }
        struct Run: Decodable {
            let dropLast: Bool
            let batchCount: Int
            let batchSampler: [[[Int]]]  // [epoch][batch][row]
            let noDuplicates: [[[Int]]]
        }
        let columns: [Column]
        let batchSize: Int
        let seed: UInt64
        let runs: [Run]

        func dataset() throws -> Dataset {
            try Dataset(columns: columns.map { .init(name: $0.name, texts: $0.texts) }, labels: nil)
        }
    }

    static let names = [
        "across-columns", "all-different", "almost-too-few-texts", "equal-only-when-normalized", "many-duplicates",
        "one-row", "other-columns-ignored", "short-in-spite-of-resampling", "some-duplicates", "too-few-texts",
        "wide-seed",
    ]

    @Test func everyFixtureIsTested() throws {
        let files = try Fixtures.names(in: "samplers").filter {
            !["by-label.json", "multi-dataset.json", "permutations.json"].contains($0)
        }
        #expect(files == Self.names.map { $0 + ".json" })
    }

    @Test(arguments: names)
    func batchesEqualTheReference(name: String) throws {
        let fixture = try Fixtures.decode(Case.self, "samplers/\(name).json")
        let dataset = try fixture.dataset()
        #expect(fixture.runs.count == 2)
        for run in fixture.runs {
            #expect(run.batchSampler.count == 2 && run.noDuplicates.count == 2)
            let shuffled = try DefaultBatchSampler(
                rowCount: dataset.rowCount, batchSize: fixture.batchSize, dropLast: run.dropLast, seed: fixture.seed)
            let distinct = try NoDuplicatesBatchSampler(
                dataset: dataset, batchSize: fixture.batchSize, dropLast: run.dropLast, seed: fixture.seed)
            #expect(shuffled.batchCount == run.batchCount)
            #expect(distinct.batchCount == run.batchCount)
            for (epoch, expected) in run.batchSampler.enumerated() {
                #expect(shuffled.batches(epoch: epoch) == expected, "dropLast \(run.dropLast), epoch \(epoch)")
            }
            for (epoch, expected) in run.noDuplicates.enumerated() {
                #expect(distinct.allBatches(epoch: epoch) == expected, "dropLast \(run.dropLast), epoch \(epoch)")
                #expect(distinct.batches(epoch: epoch) == Array(expected.prefix(run.batchCount)))
            }
        }
    }

    struct LabelCase: Decodable {
        struct Run: Decodable {
            let dropLast: Bool
            let batchCount: Int
            let batches: [[[Int]]]  // [epoch][batch][row]
        }
        let name: String
        let labels: [Double]
        let batchSize: Int
        let seed: UInt64
        let runs: [Run]
    }

    @Test func batchesByLabelEqualTheReference() throws {
        let cases = try Fixtures.decode([LabelCase].self, "samplers/by-label.json")
        #expect(cases.count == 7)
        for fixture in cases {
            let dataset = try Dataset(["text": fixture.labels.map { "\($0)" }], labels: fixture.labels)
            #expect(fixture.runs.map(\.dropLast) == [false, true])
            for run in fixture.runs {
                let sampler = try GroupByLabelBatchSampler(
                    dataset: dataset, batchSize: fixture.batchSize, dropLast: run.dropLast, seed: fixture.seed)
                #expect(sampler.batchCount == run.batchCount, "\(fixture.name)")
                #expect(run.batches.count == 2)
                for (epoch, expected) in run.batches.enumerated() {
                    #expect(sampler.batches(epoch: epoch) == expected, "\(fixture.name), dropLast \(run.dropLast), epoch \(epoch)")
                }
            }
        }
    }

    struct MultiCase: Decodable {
        struct Part: Decodable { let kind: String, rowCount: Int }
        struct Batch: Decodable { let dataset: Int, rows: [Int] }
        struct Run: Decodable { let batchCount: Int, epochs: [[Batch]] }
        let name: String
        let datasets: [Part]
        let batchSize: Int
        let seed: UInt64
        let dropLast: Bool
        let proportional: Run
        let roundRobin: Run
    }

    @Test func batchesOfSeveralDatasetsEqualTheReference() throws {
        let cases = try Fixtures.decode([MultiCase].self, "samplers/multi-dataset.json")
        #expect(cases.count == 4)
        for fixture in cases {
            let samplers = try fixture.datasets.map { part in
                let rows = 0..<part.rowCount
                let dataset = try Dataset(
                    ["text": rows.map { "t\(($0 * 7 + $0 * $0 / 7) % 20)" }])
                return try BatchSamplers(rawValue: part.kind)!.sampler(
                    for: dataset, batchSize: fixture.batchSize, dropLast: fixture.dropLast, seed: fixture.seed)
            }
            for (order, run) in [(MultiDatasetBatchSamplers.proportional, fixture.proportional), (.roundRobin, fixture.roundRobin)] {
                let sampler = MultiDatasetBatchSampler(samplers, order: order, seed: fixture.seed)
                #expect(sampler.batchCount == run.batchCount, "\(fixture.name) \(order)")
                for (epoch, expected) in run.epochs.enumerated() {
                    let found = sampler.batches(epoch: epoch)
                    #expect(found.map(\.dataset) == expected.map(\.dataset), "\(fixture.name) \(order) \(epoch) \(fixture.dropLast)")
                    #expect(found.map(\.rows) == expected.map(\.rows), "\(fixture.name) \(order) \(epoch) \(fixture.dropLast)")
                }
            }
        }
    }
}
