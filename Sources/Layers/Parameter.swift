import Autodiff
import Requirements

/// A tensor that training changes: an identity, a value, and whether it trains.
///
/// A class, so that the layer which computes with it and the optimizer which changes it mean the same thing. Any thread
/// may read or change it at any time: readers hold the value that they have read. Where a function is differentiated by
/// it, `value` is the recorded tensor on the thread that differentiates, and the plain value on all others.
///
/// Its value may be composed of other parameters, such as a frozen base and a low-rank update (Hu et al. 2021). It is then
/// a seat for them: layers go on computing with it, while a module lists, trains and differentiates by its parts.
///
/// ```swift
/// weight.compose(with: [.init(name: "lora_A", parameter: a), .init(name: "lora_B", parameter: b)]) { base, low in
///     base + low[1].matmul(low[0]) * scale
/// }
/// weight.merge()                         // plain again, with the value that it had
/// ```
public final class Parameter: @unchecked Sendable {
    // All of these are read and written under the lock alone.
    private let lock = Locked(())
    private var stored: Tensor
    private var trains: Bool
    private var composition: Composition?

    /// How a value is made of others.
    private struct Composition {
        let parts: [NamedParameter]
        let function: @Sendable ([Tensor]) -> Tensor
        let shape: [Int]

        var value: Tensor { function(parts.map(\.parameter.value)) }
    }

    /// A parameter of a value, which is taken off any tape.
    public init(_ value: Tensor, isTrainable: Bool = true) {
        stored = value.detached()
        trains = isTrainable
    }

    /// A parameter whose value is a function of others.
    ///
    /// - Parameters:
    ///   - parts: What it is composed of, by names after its own.
    ///   - value: Made of differentiable operations; gets the parts' values in their order.
    public convenience init(composedOf parts: [NamedParameter], _ value: @escaping @Sendable ([Tensor]) -> Tensor) {
        self.init(Tensor(0))
        compose(of: parts, value)
    }

    /// The value; on a thread that differentiates by this parameter the recorded one, so that layers need not know of
    /// tapes. One that is composed is computed anew each time.
    ///
    /// A composed value cannot be set: change its parts, or `merge()` them first. A new value has the shape of the old.
    public var value: Tensor {
        get {
            if let substitute = Scope.substitute(for: self) { return substitute }
            let (stored, composition) = lock.withLock { _ in (self.stored, self.composition) }
            return composition?.value ?? stored
        }
        set { update { $0 = newValue.detached() } }
    }

    /// Whether the optimizer changes it. A frozen parameter is a constant: no gradient is computed. That of a composed one
    /// is that of its parts: whether any of them trains, and setting it sets them all.
    public var isTrainable: Bool {
        get { parts.isEmpty ? lock.withLock { _ in trains } : parts.contains { $0.parameter.isTrainable } }
        set {
            lock.withLock { _ in trains = newValue }
            for part in parts { part.parameter.isTrainable = newValue }
        }
    }

    /// Changes the value in place, or in a copy where somebody holds it. Not for composed ones; `body` must not read this
    /// parameter by itself.
    public func update<R: Sendable>(_ body: (inout Tensor) throws -> R) rethrows -> R {
        require(Scope.substitute(for: self) == nil, "Parameter: not to be changed while this thread differentiates by it")
        return try lock.withLock { _ in
            if let composition {
                refuse("Parameter: composed of \(composition.parts.map(\.name)); change those, or merge() first")
            }
            let shape = stored.shape
            let result = try body(&stored)
            require(
                stored.shape == shape, "Parameter: a value of shape \(shape) cannot become one of \(stored.shape); make a new parameter")
            return result
        }
    }

    // MARK: Composition

    /// What the value is composed of, in order; none for a plain parameter.
    public var parts: [NamedParameter] { lock.withLock { _ in composition?.parts ?? [] } }

    /// Makes the value a function of what it is now, which becomes a part called `base`, and of further parts.
    ///
    /// - Parameters:
    ///   - parts: What the value depends on beside the base.
    ///   - isBaseTrainable: Whether training goes on to change the base.
    ///   - value: Made of differentiable operations; gives a tensor of the base's shape and dtype.
    public func compose(
        with parts: [NamedParameter], isBaseTrainable: Bool = false,
        _ value: @escaping @Sendable (_ base: Tensor, _ parts: [Tensor]) -> Tensor
    ) {
        let base = Parameter(Tensor(0))
        base.takeContent(of: self) { $0 }
        base.isTrainable = isBaseTrainable
        compose(of: [NamedParameter(name: "base", parameter: base)] + parts) { value($0[0], Array($0.dropFirst())) }
        require(shape == base.shape, "Parameter: composed value \(shape) does not fit base \(base.shape)")
    }

    /// Makes the value a function of other parameters; what it was is gone.
    public func compose(of parts: [NamedParameter], _ value: @escaping @Sendable ([Tensor]) -> Tensor) {
        require(!parts.isEmpty, "Parameter: nothing to be composed of")
        let shape = value(parts.map(\.parameter.value)).shape
        lock.withLock { _ in
            composition = Composition(parts: parts, function: value, shape: shape)
            stored = Tensor(0)
        }
    }

    /// Makes a composed parameter plain, with the value that it has now; it trains if a part did. A plain one stays.
    public func merge() {
        guard !parts.isEmpty else { return }
        let (merged, trained) = (value.detached(), isTrainable)
        lock.withLock { _ in
            composition = nil
            stored = merged
            trains = trained
        }
    }

    /// The parameters that training changes: this one, or those it is composed of, under names after its own.
    func leaves(named name: String) -> [NamedParameter] {
        let parts = parts
        if parts.isEmpty { return [NamedParameter(name: name, parameter: self)] }
        return parts.flatMap { $0.parameter.leaves(named: "\(name).\($0.name)") }
    }

    /// Takes over value and trainability of another parameter, or its composition, each part replaced by `part(_:)`.
    func takeContent(of other: Parameter, part: (Parameter) -> Parameter) {
        let (stored, trains, theirs) = other.lock.withLock { _ in (other.stored, other.trains, other.composition) }
        let own = theirs.map { theirs in
            Composition(
                parts: theirs.parts.map { NamedParameter(name: $0.name, parameter: part($0.parameter)) },
                function: theirs.function, shape: theirs.shape)
        }
        lock.withLock { _ in (self.stored, self.trains, composition) = (stored, trains, own) }
    }

    /// One of the same value, trained apart; what is composed here is composed there, of copies of the parts.
    public func copied() -> Parameter {
        let copy = Parameter(Tensor(0))
        copy.takeContent(of: self) { $0.copied() }
        return copy
    }

    /// Draws from a normal distribution around zero; without a key zeros, to be filled from a file.
    public static func initialized(
        _ shape: [Int], standardDeviation: Double, dtype: DType, key: RandomKey?
    ) -> Parameter {
        Parameter(
            key.map { .normal(shape, standardDeviation: standardDeviation, dtype: dtype, key: $0) }
                ?? .zerosOnDemand(shape, dtype: dtype))
    }

    /// Shape of the value.
    public var shape: [Int] { lock.withLock { _ in composition?.shape ?? stored.shape } }
    /// Number of its elements.
    public var count: Int { shape.reduce(1, *) }
}

/// A parameter and the name it has in files, such as `encoder.layer.0.output.dense.weight`.
public struct NamedParameter: Sendable {
    /// The dotted name.
    public let name: String
    /// The parameter.
    public let parameter: Parameter

    /// A parameter by its name.
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
