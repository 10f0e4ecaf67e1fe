import Autodiff

/// Constants that a loss made of a batch's texts: a tree, as losses made of losses are.
public struct SideInputs: Sendable, ExpressibleByArrayLiteral {
    public var tensors: [Tensor]
    /// Those of the losses inside, where there are several.
    public var parts: [SideInputs]

    public init(_ tensors: [Tensor] = [], parts: [SideInputs] = []) {
        self.tensors = tensors
        self.parts = parts
    }

    public init(arrayLiteral tensors: Tensor...) { self.init(tensors) }
}
