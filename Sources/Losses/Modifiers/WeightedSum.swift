import Autodiff
import Layers
import Requirements

/// Several losses of the same batch, added with weights; components keep their names.
///
/// ```swift
/// let loss = MultipleNegativesRankingLoss() + 0.1 * GlobalOrthogonalRegularizationLoss()
/// ```
public struct WeightedSum: Loss {
    /// The losses and their weights.
    public let terms: [(weight: Double, loss: any Loss)]

    /// A sum of losses of the same columns.
    public init(_ terms: [(weight: Double, loss: any Loss)]) {
        require(!terms.isEmpty, "WeightedSum: needs at least one loss")
        self.terms = terms
    }

    /// What all terms together ask for: the most columns, and labels if one of them takes any.
    public var inputs: LossInputs {
        let all = terms.map(\.loss.inputs)
        let widest = all.max { $0.columns.count < $1.columns.count }!
        return LossInputs(
            columns: widest.columns, allowsMoreColumns: all.allSatisfy(\.allowsMoreColumns),
            labels: all.map(\.labels).first { $0 != .none } ?? .none, minimumRows: all.map(\.minimumRows).max()!)
    }

    public func sideInputs(for texts: [[String]]) -> SideInputs {
        SideInputs(parts: terms.map { $0.loss.sideInputs(for: texts) })
    }
    public var needsEveryLayer: Bool { terms.contains { $0.loss.needsEveryLayer } }
    public var parameters: [NamedParameter] {
        terms.enumerated().flatMap { index, term in term.loss.parameters.named(under: "\(index)") }
    }
    public var acceptsTruncatedEmbeddings: Bool { terms.allSatisfy(\.loss.acceptsTruncatedEmbeddings) }

    public func callAsFunction(_ batch: LossBatch) -> LossValue {
        let values = terms.enumerated().map { index, term in
            var part = batch
            part.key = batch.key?.folded(with: UInt64(index))
            part.sides = batch.sides.parts.isEmpty ? [] : batch.sides.parts[index]
            return term.loss(part) * term.weight
        }
        return values.dropFirst().reduce(values[0], +)
    }

    public func canTeach(labels: [Double]) -> Bool { terms.contains { $0.loss.canTeach(labels: labels) } }

    public func check(_ setting: LossSetting) throws {
        for term in terms { try term.loss.validate(setting) }
    }

    /// What all terms promise, and what one of them is excused from.
    public var laws: [LossLaw] { terms[0].loss.laws.filter { law in terms.allSatisfy { $0.loss.laws.contains(law) } } }
    public var lawExceptions: [LawException] { terms.flatMap(\.loss.lawExceptions) }

    public var name: String { terms.map { $0.weight == 1 ? $0.loss.name : "\($0.weight) \($0.loss.name)" }.joined(separator: " + ") }
    public var configuration: [(key: String, value: String)] {
        terms.flatMap { term in term.loss.configuration.map { ("\(term.loss.name).\($0.key)", $0.value) } }
    }
    public var citation: String? {
        let all = terms.compactMap(\.loss.citation)
        return all.isEmpty ? nil : all.joined(separator: "\n\n")
    }
}

/// Both losses of the same embeddings, added.
public func + (a: any Loss, b: any Loss) -> WeightedSum { WeightedSum(terms(of: a) + terms(of: b)) }
/// A loss times a weight.
public func * (weight: Double, loss: any Loss) -> WeightedSum { WeightedSum(terms(of: loss).map { (weight * $0.weight, $0.loss) }) }

private func terms(of loss: any Loss) -> [(weight: Double, loss: any Loss)] {
    (loss as? WeightedSum)?.terms ?? [(1, loss)]
}
