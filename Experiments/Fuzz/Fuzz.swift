import ArgumentParser
import Foundation

/// Does any file, however damaged, end the program?
@main
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads damaged files, and names those that trap, hang, or give an error without a type.")

    @Argument(help: "Parsers; all when left out.") var targets: [String] = []
    @Option(help: "Seconds for each parser.") var seconds = 60.0
    @Option(help: "Seed of all damage.") var seed: UInt64 = 1
    @Option(help: "Reads one input alone, in this process, and leaves its file in results/fuzz.") var input: UInt64?
    @Option(help: .hidden) var first: UInt64?
    @Option(help: .hidden) var folder: String?

    /// Longer for one input is a fault, too.
    private static let patience: UInt32 = 20
    /// So many faults of a parser are enough to begin with.
    private static let limit = 20

    func run() throws {
        let all = try FuzzTarget.all(root: URL(fileURLWithPath: FileManager.default.currentDirectoryPath))
        let chosen = targets.isEmpty ? all : all.filter { targets.contains($0.name) }
        guard !chosen.isEmpty else { throw ValidationError("there are \(all.map(\.name).joined(separator: ", "))") }
        if let input {
            for target in chosen {
                try target.run(seed: seed, input: input, in: URL(fileURLWithPath: "results/fuzz/\(target.name)"))
                print("\(target.name), input \(input): a value, or an error with a type")
            }
        } else if let first, let folder {
            try read(chosen[0], from: first, in: URL(fileURLWithPath: folder))
        } else {
            let faults = try chosen.reduce(0) { try $0 + hunt($1) }
            if faults > 0 { throw ExitCode.failure }
        }
    }

    /// Reads inputs until the time is over; where it stands is in a file, so that the other process knows after a trap.
    private func read(_ target: FuzzTarget, from first: UInt64, in folder: URL) throws {
        // Where an input takes all memory, it is this process that has to go.
        try? Data("1000".utf8).write(to: URL(fileURLWithPath: "/proc/self/oom_score_adj"))
        let place = try FileHandle(forWritingTo: folder.appendingPathComponent("place"))
        let end = ContinuousClock.now + .seconds(seconds)
        var number = first
        while ContinuousClock.now < end {
            try place.seek(toOffset: 0)
            try place.write(contentsOf: Data("\(number)\n".utf8))
            alarm(Self.patience)
            try target.run(seed: seed, input: number, in: folder.appendingPathComponent("files"))
            number += 1
        }
        alarm(0)
        try place.seek(toOffset: 0)
        try place.write(contentsOf: Data("\(number)\n".utf8))
    }

    /// - Returns: How many inputs were too much for the parser.
    private func hunt(_ target: FuzzTarget) throws -> Int {
        let folder = FuzzTarget.scratchFolder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = folder.appendingPathComponent("place")
        let end = ContinuousClock.now + .seconds(seconds)
        var (number, faults) = (UInt64(0), 0)
        while ContinuousClock.now < end, faults < Self.limit {
            try Data("\(number)\n".utf8).write(to: place)
            try? FileManager.default.removeItem(at: folder.appendingPathComponent("files"))
            let left = end - ContinuousClock.now
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = [
                target.name, "--seed", "\(seed)", "--seconds", "\(Double(left.components.seconds) + 1)", "--first", "\(number)",
                "--folder", folder.path,
            ]
            var environment = ProcessInfo.processInfo.environment
            environment["SWIFT_BACKTRACE"] = "enable=no"
            process.environment = environment
            let errors = folder.appendingPathComponent("errors")
            try Data().write(to: errors)
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
            process.waitUntilExit()
            let text = try String(contentsOf: place, encoding: .utf8)
            number = UInt64(text.prefix { $0 != "\n" }) ?? number
            if process.terminationReason == .exit && process.terminationStatus == 0 { break }
            faults += 1
            let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self).split(separator: "\n").first.map {
                ": \($0.prefix(300))"
            }
            let signal = process.terminationStatus == SIGALRM ? " hangs" : " (signal \(process.terminationStatus))"
            let how = process.terminationReason == .exit ? "" : signal
            print("\(target.name), input \(number)\(how)\(said ?? "")")
            print("    again: swift run -c release Fuzz \"\(target.name)\" --seed \(seed) --input \(number)")
            number += 1
        }
        print("\(target.name): \(number) inputs, \(faults) faults")
        fflush(nil)
        return faults
    }
}
