import ArgumentParser
import Foundation
import SampleData
import Tables

/// Writes the sets that Tapestry makes from a grammar, to read them or to train elsewhere on the same rows.
@main struct WriteBuiltInData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "BuiltInData",
        abstract: "Writes the built-in synthetic sets as CSV files.",
        usage: "swift run -c release BuiltInData --output data/")
    @Option(help: "Folder for the files; it is created if need be.") var output = "data"
    @Option(help: "Seed of every random draw.") var seed: UInt64 = 42

    func run() throws {
        let folder = URL(fileURLWithPath: output, isDirectory: true)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ValidationError(
                "the folder '\(output)' cannot be created (\(error.localizedDescription)); give another --output")
        }
        for split in BuiltInData.Split.allCases {
            let pairs = BuiltInData.scoredPairs(split, seed: seed)
            let triplets = BuiltInData.triplets(split, seed: seed)
            for (name, dataset) in [("pairs", pairs), ("triplets", triplets)] {
                let file = folder.appendingPathComponent("\(name)-\(split.rawValue).csv")
                try dataset.writeCSV(to: file)
                print("\(file.relativePath): \(dataset.rowCount) rows")
            }
        }
    }
}
