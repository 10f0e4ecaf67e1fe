import Autodiff

/// A tensor that training changes: an identity, a value, and whether it trains.
///
/// A class, so that the layer which computes with it and the optimizer which changes it mean the same thing.
/// One thread at a time differentiates by it or changes it; any number may read it meanwhile otherwise.
public final class Parameter: @unchecked Sendable {
    private var stored: Tensor
    private var recorded: Tensor?

    /// Whether the optimizer changes it. A frozen parameter is a constant: no gradient is computed.
    public var isTrainable: Bool

    public init(_ value: Tensor, isTrainable: Bool = true) {
        stored = value.detached()
        self.isTrainable = isTrainable
    }

    /// The value; inside `valueAndGradients(of:)` the recorded one, so that layers need not know of tapes.
    public var value: Tensor {
        get { recorded ?? stored }
        set {
            precondition(recorded == nil, "Parameter: not to be changed while a tape differentiates by it")
            stored = newValue.detached()
        }
    }

    /// Changes the value in place.
    public func update<R>(_ body: (inout Tensor) throws -> R) rethrows -> R {
        precondition(recorded == nil, "Parameter: not to be changed while a tape differentiates by it")
        return try body(&stored)
    }

    /// Draws from a normal distribution around zero; without a key zeros, to be filled from a file.
    public static func initialized(
        _ shape: [Int], standardDeviation: Double, dtype: DType, key: RandomKey?
    ) -> Parameter {
        Parameter(key.map { .normal(shape, standardDeviation: standardDeviation, dtype: dtype, key: $0) }
                  ?? .zerosOnDemand(shape, dtype: dtype))
    }

    public var shape: [Int] { stored.shape }
    public var count: Int { stored.count }

    func record(on tape: Tape) -> Tensor {
        precondition(recorded == nil, "Parameter: two tapes at the same time differentiate by it")
        let watched = tape.watch(stored)
        recorded = watched
        return watched
    }

    /// Stands in for the value until `endRecording()`: a tensor that some tape watches.
    func substitute(_ tensor: Tensor) { recorded = tensor }

    func endRecording() { recorded = nil }
}

/// A parameter and the name it has in files, such as `encoder.layer.0.output.dense.weight`.
public struct NamedParameter: Sendable {
    public let name: String
    public let parameter: Parameter

    public init(name: String, parameter: Parameter) {
        self.name = name
        self.parameter = parameter
    }
}

extension [NamedParameter] {
    /// The same with a part before each name: `weight` becomes `projection.weight`.
    public func named(under prefix: String) -> [NamedParameter] {
        map { NamedParameter(name: "\(prefix).\($0.name)", parameter: $0.parameter) }
    }
}
