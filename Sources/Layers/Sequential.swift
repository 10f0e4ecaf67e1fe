import Autodiff

/// Layers that follow one another.
public struct Sequential: Layer {
    public let layers: [any Layer]

    public init(_ layers: any Layer...) { self.layers = layers }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor {
        layers.reduce(x) { $1($0, in: context) }
    }

    /// Parameters are called by the layers' numbers, as files call them: `0.weight`.
    public static let fileNames = ["layers": ""]
}
