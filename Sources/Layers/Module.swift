import Autodiff
import Requirements

/// Something with parameters: a layer, a block of layers, a whole model.
///
/// Parameters are found from the stored properties, in the order of their declaration: nothing is registered.
/// A property may hold a `Parameter`, a module, an array or an optional of either.
///
/// ```swift
/// struct Gate: Module {
///     let projection: Linear                             // "projection.weight", "projection.bias"
///     func callAsFunction(_ x: Tensor) -> Tensor { x * projection(x).sigmoid() }
/// }
/// ```
public protocol Module: Sendable {
    /// The parameters and exchangeable layers below, by the names that files have for them: those of the properties,
    /// unless a module gives others (``FileNames``).
    var parts: [NamedPart] { get }
}

extension Module {
    public var parts: [NamedPart] { propertyParts }

    /// The parts by the names of the stored properties.
    public var propertyParts: [NamedPart] {
        Mirror(reflecting: self).children.flatMap { child in child.label.map { collect(child.value, named: $0) } ?? [] }
    }

    /// All parameters with their dotted names; one that several layers share has its first name only. In place of one that
    /// is composed stand its parts: `query.weight.base`, `query.weight.lora_A`.
    public var namedParameters: [NamedParameter] {
        namedWeights.flatMap { $0.parameter.leaves(named: $0.name) }.distinct
    }

    /// The parameters that layers compute with, one that is composed as a whole: what a file of the model holds, which
    /// knows nothing of adapters.
    public var namedWeights: [NamedParameter] { parts.flatMap(\.parameters).distinct }

    /// All parameters, each once.
    public var parameters: [Parameter] { namedParameters.map(\.parameter) }

    /// Number of trained numbers, frozen ones included.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

    /// What files hold of this module: the values of its parameters, and floats of layers that keep theirs in another way.
    public var namedTensors: [(name: String, tensor: Tensor)] {
        var seen = Set<ObjectIdentifier>()
        return parts.flatMap { named -> [(name: String, tensor: Tensor)] in
            switch named.part {
            case .parameter(let parameter):
                return seen.insert(ObjectIdentifier(parameter)).inserted ? [(named.name, parameter.value)] : []
            case .layer(let layer):
                guard seen.insert(layer.identity).inserted else { return [] }
                let (weight, bias) = layer.implementation.floats
                let prefix = named.name.isEmpty ? "" : named.name + "."
                return [(prefix + "weight", weight)] + (bias.map { [(prefix + "bias", $0)] } ?? [])
            }
        }
    }

    /// Puts other implementations in the place of linear layers, with the same meaning: copies of this model compute with
    /// them, too. Optimizers keep to the parameters that they were made for; make a new one.
    ///
    /// ```swift
    /// let originals = model.replaceLayers { name, layer in name.hasSuffix(".dense") ? Quantized(layer) : nil }
    /// model.replaceLayers { name, _ in originals[name] }
    /// ```
    ///
    /// - Parameter replacement: Given a layer's name in files and what computes there, returns what shall, or nil to leave
    ///   it. When it throws, nothing has changed.
    /// - Returns: What computed before where something changed, by name.
    @discardableResult
    public func replaceLayers(
        _ replacement: (_ name: String, _ layer: any LinearLayer) throws -> (any LinearLayer)?
    ) rethrows -> [String: any LinearLayer] {
        var seen = Set<ObjectIdentifier>()
        let replaced = try parts.compactMap { named -> (name: String, layer: Linear, new: any LinearLayer)? in
            guard case .layer(let layer) = named.part, seen.insert(layer.identity).inserted else { return nil }
            return try replacement(named.name, layer.implementation).map { (named.name, layer, $0) }
        }
        let originals = Dictionary(uniqueKeysWithValues: replaced.map { ($0.name, $0.layer.implementation) })
        for (_, layer, new) in replaced { layer.implementation = new }
        return originals
    }

    /// This module, made anew, with the values of another one of the same structure: a copy that shares nothing.
    ///
    /// Values are copied when one of the two changes. What is composed there is composed here, of copies of the parts.
    public func takingValues(of other: Self) -> Self {
        var pairs: [(Parameter, Parameter)] = []
        for (own, theirs) in zip(parts, other.parts) {
            if case (.layer(let own), .layer(let theirs)) = (own.part, theirs.part),
                !(own.implementation is FloatLinear && theirs.implementation is FloatLinear)
            {
                own.implementation = theirs.implementation.copied()
            } else {
                pairs += zip(own.parameters, theirs.parameters).map { ($0.parameter, $1.parameter) }
            }
        }
        var copies = Dictionary(pairs.map { (ObjectIdentifier($1), $0) }) { first, _ in first }
        func copy(of part: Parameter) -> Parameter {
            if let known = copies[ObjectIdentifier(part)] { return known }
            let own = Parameter(Tensor(0))
            copies[ObjectIdentifier(part)] = own
            own.takeContent(of: part, part: copy)
            return own
        }
        for (own, theirs) in pairs {
            require(own.shape == theirs.shape, "takingValues: \(own.shape) cannot take a value of \(theirs.shape)")
            own.takeContent(of: theirs, part: copy)
        }
        return self
    }
}

private func collect(_ value: Any, named name: String) -> [NamedPart] {
    if let parameter = value as? Parameter { return [NamedPart(name: name, .parameter(parameter))] }
    if let module = value as? any Module { return module.parts.named(under: name) }
    let mirror = Mirror(reflecting: value)
    return switch mirror.displayStyle {
    case .collection: mirror.children.enumerated().flatMap { collect($1.value, named: "\(name).\($0)") }
    case .optional: mirror.children.flatMap { collect($0.value, named: name) }
    default: []
    }
}

extension [NamedParameter] {
    /// Each parameter once, by its first name.
    var distinct: [NamedParameter] {
        var seen = Set<ObjectIdentifier>()
        return filter { seen.insert(ObjectIdentifier($0.parameter)).inserted }
    }
}

/// A module that maps one tensor to one of as many rows, so that several can follow one another.
public protocol Layer: Module {
    /// `[N, out]` for `[N, in]`.
    func callAsFunction(_ x: Tensor, in context: Context) -> Tensor
}
