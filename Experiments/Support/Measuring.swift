import ArgumentParser
import Foundation

/// Seconds that `body` takes.
public func seconds(_ body: () throws -> Void) rethrows -> Double {
    let time = try ContinuousClock().measure(body)
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
}

/// The most memory that this process has held, in MiB; nil where the system does not say.
public func peakMemory() -> Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") })
    else { return nil }
    return line.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1024 }
}

/// Runs this program once more, since peak memory belongs to a process.
///
/// - Parameter arguments: With which the program prints nothing but numbers on standard output.
/// - Returns: The numbers.
/// - Throws: `ExitCode` when the process failed; it has said why on standard error.
public func figuresOfAnotherProcess(_ arguments: [String]) throws -> [Double] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
    return text.split { " \n".contains($0) }.compactMap { Double($0) }
}
