import ExperimentSupport

/// The least seconds of several runs.
func best(of runs: Int = 7, _ body: () throws -> Void) rethrows -> Double {
    try (0..<runs).map { _ in try seconds(body) }.min()!
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
