/// A parameter, or a layer that can be exchanged, and the name that it has in files.
public struct NamedPart: Sendable {
    /// What a part is.
    public enum Part: Sendable {
        /// A parameter.
        case parameter(Parameter)
        /// A layer that can be exchanged.
        case layer(Linear)
    }

    /// Such as `encoder.layer.0.output.dense`.
    public let name: String
    /// What it is.
    public let part: Part

    /// A part by its name.
    public init(name: String, _ part: Part) {
        self.name = name
        self.part = part
    }

    /// What a layer computes with, as a whole where it is composed.
    var parameters: [NamedParameter] {
        switch part {
        case .parameter(let parameter): [NamedParameter(name: name, parameter: parameter)]
        case .layer(let layer):
            name.isEmpty ? layer.implementation.namedWeights : layer.implementation.namedWeights.named(under: name)
        }
    }
}

extension [NamedPart] {
    /// The same with a part before each name: `weight` becomes `projection.weight`.
    public func named(under prefix: String) -> [NamedPart] {
        map { NamedPart(name: $0.name.isEmpty ? prefix : "\(prefix).\($0.name)", $0.part) }
    }

    /// The same under the names that files have for them.
    public func renamed(by names: FileNames) -> [NamedPart] { map { NamedPart(name: names($0.name), $0.part) } }
}
