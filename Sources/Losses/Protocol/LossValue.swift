import Autodiff
import Requirements

/// A loss: one scalar, or several with names, of which training minimizes the sum and logs each.
public struct LossValue: Sendable {
    /// Scalars; one without a name is part of the sum only.
    public let components: [(name: String, value: Tensor)]

    /// A scalar without a name.
    public init(_ value: Tensor) { components = [("", value)] }

    /// Named scalars that add up. Traps where there is none.
    public init(components: [(name: String, value: Tensor)]) {
        require(!components.isEmpty, "LossValue: needs at least one component")
        self.components = components
    }

    /// The sum of all components, a scalar.
    public var total: Tensor {
        components.dropFirst().reduce(components[0].value) { $0 + $1.value }
    }

    /// Those with a name, as numbers.
    public var namedComponents: [(name: String, value: Double)] {
        components.filter { !$0.name.isEmpty }.map { ($0.name, $0.value.item) }
    }

    /// Components of equal name are added.
    public static func + (a: LossValue, b: LossValue) -> LossValue {
        var sum = a.components
        for (name, value) in b.components {
            if let position = sum.firstIndex(where: { $0.name == name }) {
                sum[position].value = sum[position].value + value
            } else {
                sum.append((name, value))
            }
        }
        return LossValue(components: sum)
    }

    /// Every component times a number.
    public static func * (a: LossValue, factor: Double) -> LossValue {
        LossValue(components: a.components.map { ($0.name, $0.value * factor) })
    }

    /// The same, each component of which is one number. Traps with the loss's name otherwise.
    package func checked(of name: String) -> LossValue {
        for (_, value) in components {
            require(value.count == 1, "\(name): a loss is one number, not \(value.dtype)\(value.shape); is a mean() missing?")
        }
        return self
    }

    /// The same values as constants.
    public func detached() -> LossValue { LossValue(components: components.map { ($0.name, $0.value.detached()) }) }
}
