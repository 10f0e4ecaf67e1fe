/// One law that does not hold: where, and both figures.
public struct LawViolation: Sendable, CustomStringConvertible {
    /// The law that is broken.
    public let law: Law
    /// What was done: `rows in the order [3, 0, 2, 1]`.
    public let circumstance: String
    /// What differs: `the value`, `the gradient of column 1 (positive)`.
    public let place: String
    /// The row of the tensor; nil where it has none.
    public let row: Int?
    /// What it should be.
    public let expected: Double
    /// What it is.
    public let found: Double
    /// A remark in place of the figures, where there are none.
    public let remark: String?

    public var description: String {
        "\(law): \(law.statement); but with \(circumstance), \(place)\(row.map { ", row \($0)," } ?? "") "
            + (remark ?? "is \(found), not \(expected)")
    }
}

/// The outcome of `checkLaws(of:)`: which laws were looked at, and which do not hold.
public struct LawReport: Sendable, CustomStringConvertible {
    /// The loss or objective.
    public let subject: String
    /// Number of comparisons for each law that was looked at.
    public private(set) var comparisons: [Law: Int] = [:]
    /// Laws that were left out, and why.
    public private(set) var excused: [Law: String] = [:]
    private var worst: [Law: (violation: LawViolation, error: Double)] = [:]

    init(_ subject: String) { self.subject = subject }

    /// Whether anything was compared, and no law is broken.
    public var passed: Bool { !comparisons.isEmpty && worst.isEmpty }

    /// The worst violation of each law that does not hold, in the order of `Law`.
    public var violations: [LawViolation] { Law.allCases.compactMap { worst[$0]?.violation } }

    public var description: String {
        let left = Law.allCases.compactMap { law in excused[law].map { "\(law) (\($0))" } }
        let kept = Law.allCases.filter { comparisons[$0] != nil && worst[$0] == nil }.map(\.description)
        guard passed else {
            return (["\(subject) breaks \(worst.count) law\(worst.count == 1 ? "" : "s")"] + violations.map { "- \($0)" })
                .joined(separator: "\n")
        }
        return "\(subject) keeps its laws: " + kept.joined(separator: ", ")
            + (left.isEmpty ? "" : "; left out: " + left.joined(separator: ", "))
    }

    // MARK: Filling it

    mutating func excuse(_ law: Law, _ reason: String) {
        if comparisons[law] == nil { excused[law] = reason }
    }

    /// Notes a comparison, and the violation unless it holds.
    ///
    /// - Parameter error: How bad it is: of several violations of a law the worst is kept.
    mutating func expect(
        _ holds: Bool, error: Double = 1, _ law: Law, _ circumstance: String, _ place: @autoclosure () -> String, row: Int? = nil,
        expected: Double = .nan, found: Double = .nan, remark: String? = nil
    ) {
        noteComparison(of: law)
        guard !holds, worst[law].map({ error > $0.error }) ?? true else { return }
        worst[law] = (
            LawViolation(
                law: law, circumstance: circumstance, place: place(), row: row, expected: expected, found: found, remark: remark),
            error
        )
    }

    /// Notes a comparison that holds.
    mutating func noteComparison(of law: Law) { comparisons[law, default: 0] += 1 }

    /// Compares every number.
    ///
    /// - Parameter tolerance: Largest difference, relative to the largest number of the tensor; zero: to the bit.
    mutating func compare(_ law: Law, _ circumstance: String, expected: Figures, found: Figures, tolerance: Double = 1e-8) {
        for (a, b) in zip(expected.entries, found.entries) {
            let (x, y) = (a.tensor.values, b.tensor.values)
            let scale = tolerance == 0 ? 1 : (x + y).reduce(1e-6) { $1.isFinite ? max($0, abs($1)) : $0 }
            var (position, error) = (0, 0.0)
            for i in x.indices {
                let difference = x[i] == y[i] || x[i].isNaN && y[i].isNaN ? 0 : abs(x[i] - y[i]) / scale
                if !(difference <= error) { (position, error) = (i, difference.isNaN ? .infinity : difference) }
            }
            let rowSize = max(1, a.tensor.shape.dropFirst().reduce(1, *))
            expect(
                error <= tolerance, error: error, law, circumstance, a.name,
                row: a.tensor.rank == 0 ? nil : position / rowSize, expected: x[position], found: y[position])
        }
    }

    /// Expects every number to be finite.
    mutating func expectFinite(_ circumstance: String, _ figures: Figures) {
        for entry in figures.entries {
            let values = entry.tensor.values
            let position = values.firstIndex { !$0.isFinite }
            let rowSize = max(1, entry.tensor.shape.dropFirst().reduce(1, *))
            expect(
                position == nil, .finite, circumstance, entry.name,
                row: entry.tensor.rank == 0 ? nil : position.map { $0 / rowSize },
                remark: "is \(position.map { values[$0] } ?? 0)")
        }
    }

    /// What another report of the same subject says, too.
    mutating func merge(_ other: LawReport) {
        comparisons.merge(other.comparisons, uniquingKeysWith: +)
        worst.merge(other.worst) { $0.error >= $1.error ? $0 : $1 }
        excused.merge(other.excused) { first, _ in first }
        excused = excused.filter { comparisons[$0.key] == nil }
    }
}
