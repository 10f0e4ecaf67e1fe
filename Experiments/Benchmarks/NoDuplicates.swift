import ArgumentParser
import Tapestry

/// One epoch of `no_duplicates` over a million triplets; `Tests/Reference/no_duplicates_time.py` does the same with the original.
struct NoDuplicates: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "no-duplicates", abstract: "The sampler no_duplicates on a million triplets, in batches of 64.")

    @Option(help: "Rows.") var rows = 1_000_000

    func run() throws {
        let dataset = try Dataset([
            "anchor": (0..<rows).map { "a person walks along road number \($0 * 7919 % 600_011) in the rain" },
            "positive": (0..<rows).map { "somebody is out on road \($0), and it is wet" },
            "negative": (0..<rows).map { "nobody has seen house number \($0 * 104_729 % 800_011) since the summer" },
        ])
        let clock = ContinuousClock()
        var count = 0
        let seconds = try clock.measure {
            count = try BatchSamplers.noDuplicates.sampler(for: dataset, batchSize: 64, seed: 42).batches(epoch: 0).count
        }
        print("no_duplicates: \(count) batches in \(seconds)")
    }
}
