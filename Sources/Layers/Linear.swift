import Autodiff
import Requirements

/// A fully connected layer: `x Wᵀ + b`.
///
/// It is a place for a ``LinearLayer``, at first one of float parameters. Another one with the same meaning can take it, and
/// all copies of this value see that: ``Module/replaceLayers(_:)`` does so by name.
public struct Linear: Layer {
    private let seat: Seat

    /// Weights from a normal distribution, biases zero; without a key all zero, to be filled from a file.
    public init(
        inputWidth: Int, outputWidth: Int, hasBias: Bool = true, standardDeviation: Double = 0.02,
        dtype: DType = .float32, key: RandomKey?
    ) {
        seat = Seat(
            FloatLinear(
                weight: .initialized([outputWidth, inputWidth], standardDeviation: standardDeviation, dtype: dtype, key: key),
                bias: hasBias ? Parameter(.zeros([outputWidth], dtype: dtype)) : nil))
    }

    /// A layer of given values, weight `[out, in]` and bias `[out]`.
    public init(weight: Tensor, bias: Tensor? = nil) {
        seat = Seat(FloatLinear(weight: Parameter(weight), bias: bias.map { Parameter($0) }))
    }

    /// What computes. Passes that have begun go on with the one that they met.
    public var implementation: any LinearLayer {
        get { seat.occupant.withLock { $0 } }
        nonmutating set {
            let (old, new) = (implementation.floats, newValue.floats)
            require(
                new.weight.shape == old.weight.shape && new.bias?.shape == old.bias?.shape,
                "Linear: a layer of weight \(old.weight.shape) and bias \(old.bias?.shape ?? []) cannot be replaced by "
                    + "\(type(of: newValue)) of weight \(new.weight.shape) and bias \(new.bias?.shape ?? [])")
            seat.occupant.withLock { $0 = newValue }
        }
    }

    /// `[out, in]`. Traps where another implementation computes, which has no such parameter.
    public var weight: Parameter { parameters("weight").weight }
    /// `[out]`; traps as `weight` does.
    public var bias: Parameter? { parameters("bias").bias }

    private func parameters(_ name: String) -> FloatLinear {
        guard let layer = implementation as? FloatLinear else {
            refuse("Linear.\(name): \(type(of: implementation)) computes here, which has no such parameter")
        }
        return layer
    }

    /// - Parameter x: `[N, in]`.
    /// - Returns: `[N, out]`.
    public func callAsFunction(_ x: Tensor) -> Tensor { implementation(x) }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor { self(x) }

    public var parts: [NamedPart] { [NamedPart(name: "", .layer(self))] }

    /// Equal for copies of one value: they share their implementation.
    var identity: ObjectIdentifier { ObjectIdentifier(seat) }

    private final class Seat: Sendable {
        let occupant: Locked<any LinearLayer>

        init(_ layer: any LinearLayer) { occupant = Locked(layer) }
    }
}
