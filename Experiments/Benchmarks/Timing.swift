import Foundation

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let time = try ContinuousClock().measure(body)
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
}

/// The least seconds of several runs.
func best(of runs: Int = 7, _ body: () throws -> Void) rethrows -> Double {
    try (0..<runs).map { _ in try seconds(body) }.min()!
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

/// The most memory that this process has held, in MiB; nil where the system does not say.
func peakMemory() -> Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
          let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") }) else { return nil }
    return line.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1024 }
}
