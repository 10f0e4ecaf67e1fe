import Autodiff

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
    /// Where a file format's names differ from the properties': dotted beginnings of names, and what stands in
    /// files instead. The longest that fits is taken.
    static var fileNames: [String: String] { get }
}

extension Module {
    public static var fileNames: [String: String] { [:] }

    /// All parameters with their dotted names; one that several layers share has its first name only. In place of one that
    /// is composed stand its parts: `query.weight.base`, `query.weight.lora_A`.
    public var namedParameters: [NamedParameter] {
        collectParameters().flatMap { $0.parameter.leaves(named: $0.name) }.distinct
    }

    /// The parameters that layers compute with, one that is composed as a whole: what a file of the model holds, which
    /// knows nothing of adapters.
    public var namedWeights: [NamedParameter] { collectParameters().distinct }

    /// All parameters, each once.
    public var parameters: [Parameter] { namedParameters.map(\.parameter) }

    /// Number of trained numbers, frozen ones included.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

    /// This module, made anew, with the values of another one of the same structure: a copy that shares nothing.
    ///
    /// Values are copied when one of the two changes. What is composed there is composed here, of copies of the parts.
    public func takingValues(of other: Self) -> Self {
        let pairs = zip(namedWeights, other.namedWeights).map { ($0.parameter, $1.parameter) }
        var copies = Dictionary(uniqueKeysWithValues: pairs.map { (ObjectIdentifier($1), $0) })
        func copy(of part: Parameter) -> Parameter {
            if let known = copies[ObjectIdentifier(part)] { return known }
            let own = Parameter(Tensor(0))
            copies[ObjectIdentifier(part)] = own
            own.takeContent(of: part, part: copy)
            return own
        }
        for (own, theirs) in pairs {
            precondition(own.shape == theirs.shape, "takingValues: \(own.shape) cannot take a value of \(theirs.shape)")
            own.takeContent(of: theirs, part: copy)
        }
        return self
    }

    fileprivate func collectParameters() -> [NamedParameter] {
        var found: [NamedParameter] = []
        for child in Mirror(reflecting: self).children {
            guard let label = child.label else { continue }
            collect(child.value, named: label, into: &found)
        }
        return found.map { NamedParameter(name: fileName(of: $0.name), parameter: $0.parameter) }
    }

    private func fileName(of name: String) -> String {
        let fitting = Self.fileNames.filter { name == $0.key || name.hasPrefix($0.key + ".") }
        guard let (key, replacement) = fitting.max(by: { $0.key.count < $1.key.count }) else { return name }
        let rest = name.dropFirst(key.count)
        return replacement.isEmpty ? String(rest.drop { $0 == "." }) : replacement + rest
    }
}

private func collect(_ value: Any, named name: String, into found: inout [NamedParameter]) {
    if let parameter = value as? Parameter {
        found.append(NamedParameter(name: name, parameter: parameter))
    } else if let module = value as? any Module {
        found += module.collectParameters().map { NamedParameter(name: "\(name).\($0.name)", parameter: $0.parameter) }
    } else {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .collection:
            for (index, child) in mirror.children.enumerated() { collect(child.value, named: "\(name).\(index)", into: &found) }
        case .optional:
            for child in mirror.children { collect(child.value, named: name, into: &found) }
        default:
            break
        }
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
    func callAsFunction(_ x: Tensor, in context: Context) -> Tensor
}
