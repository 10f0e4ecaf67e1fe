import ArgumentParser
import Foundation
import Tapestry

/// The Python library beside ours: where its interpreter and scripts are, and how often both take turns.
struct Original: ParsableArguments {
    @Option(name: .customLong("original"), help: "Python that has sentence-transformers.") var python: String?
    @Option(help: "Folder with peer_train.py and peer_encode.py.") var scripts: String?
    @Option(help: "Turns that each side takes.") var rounds = 3

    /// Runs a script and takes a number out of what it prints: the one before `unit`.
    func figures(_ script: String, _ arguments: [String], _ units: [String]) throws -> [Double]? {
        guard let python, let scripts else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, scripts + "/" + script] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ValidationError("\(script) ended with code \(process.terminationStatus)")
        }
        let words = text.split { " \n,;".contains($0) }.map(String.init)
        return units.map { unit in
            words.indices.dropFirst().first { words[$0] == unit }.flatMap { Double(words[$0 - 1]) } ?? .nan
        }
    }

    /// Lets both sides take turns and prints medians and ratios.
    ///
    /// - Parameter larger: Whether larger is better, for each figure.
    func compare(
        _ title: String, _ names: [String], larger: [Bool], script: String, arguments: [String], units: [String],
        ours: () throws -> [Double]
    ) throws {
        var mine: [[Double]] = [], theirs: [[Double]] = []
        for _ in 0..<max(1, rounds) {
            mine.append(try ours())
            if let figures = try figures(script, arguments, units) { theirs.append(figures) }
        }
        var table = TextTable(title, "Tapestry", "original", "better by")
        for (i, name) in names.enumerated() {
            let our = median(mine.map { $0[i] })
            let their = median(theirs.map { $0[i] })
            let ratio = larger[i] ? our / their : their / our
            table.addRow(
                name, NumberFormat.fixed(our, places: 1), theirs.isEmpty ? "–" : NumberFormat.fixed(their, places: 1),
                theirs.isEmpty ? "–" : NumberFormat.fixed(ratio, places: 2) + " x")
        }
        print(table)
        if theirs.isEmpty { print("Without --original and --scripts there is nothing to compare with.") }
    }
}
