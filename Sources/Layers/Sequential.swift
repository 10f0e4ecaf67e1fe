import Autodiff

/// Layers that follow one another.
public struct Sequential: Layer {
    /// The layers, first to last.
    public let layers: [any Layer]

    /// Layers that follow one another.
    public init(_ layers: any Layer...) { self.layers = layers }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor {
        layers.reduce(x) { $1($0, in: context) }
    }

    /// Files call the layers by their numbers: `0.weight`.
    public var parts: [NamedPart] { layers.enumerated().flatMap { $1.parts.named(under: "\($0)") } }
}
