import Autodiff

/// Constants that a loss made of a batch's texts: a tree, as losses made of losses are.
public struct SideInputs: Sendable, ExpressibleByArrayLiteral {
    /// The constants of the loss itself.
    public var tensors: [Tensor]
    /// Those of the losses inside, where there are several.
    public var parts: [SideInputs]

    /// Constants, and those of losses inside.
    public init(_ tensors: [Tensor] = [], parts: [SideInputs] = []) {
        self.tensors = tensors
        self.parts = parts
    }

    public init(arrayLiteral tensors: Tensor...) { self.init(tensors) }

    /// The same numbers in the dtype of a model's embeddings; what is no floating-point number stays.
    public func cast(to dtype: DType) -> SideInputs { map { $0.dtype.isFloatingPoint ? $0.cast(to: dtype) : $0 } }

    /// The same with every tensor transformed.
    public func map(_ transform: (Tensor) -> Tensor) -> SideInputs {
        SideInputs(tensors.map(transform), parts: parts.map { $0.map(transform) })
    }
}
