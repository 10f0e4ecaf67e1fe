/// Means of named numbers since they were last taken: the loss and its components.
struct RunningMeans {
    private(set) var sums: [(name: String, value: Double)] = []
    private(set) var weight = 0.0

    init() {}

    /// Means that were under way.
    init(sums: [(name: String, value: Double)], weight: Double) {
        self.sums = sums
        self.weight = weight
    }

    var isEmpty: Bool { weight == 0 }

    /// Numbers of equal name are added.
    mutating func add(_ values: [(name: String, value: Double)], weight: Double = 1) {
        self.weight += weight
        for (name, value) in values {
            if let position = sums.firstIndex(where: { $0.name == name }) {
                sums[position].value += weight * value
            } else {
                sums.append((name, weight * value))
            }
        }
    }

    /// The means, in the order in which the names first came; begins anew.
    mutating func take() -> [(key: String, value: Double)] {
        defer { (sums, weight) = ([], 0) }
        return sums.map { ($0.name, $0.value / weight) }
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
