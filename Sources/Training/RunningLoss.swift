/// The mean loss since the last log, and the sum of all.
struct RunningLoss {
    private(set) var total = 0.0
    private var sum = 0.0
    private var count = 0

    mutating func add(_ loss: Double) {
        total += loss
        sum += loss
        count += 1
    }

    /// The mean since it was last taken; nil when there was no update.
    mutating func takeMean() -> Double? {
        guard count > 0 else { return nil }
        defer { (sum, count) = (0, 0) }
        return sum / Double(count)
    }
}

extension Double {
    func rounded(places: Int) -> Double {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}

extension Duration {
    /// In seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
