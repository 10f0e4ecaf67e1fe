/// The update rules by the names of `optim`.
public enum OptimizerType: String, Sendable, CaseIterable {
    /// Fused or not, it is the same arithmetic, and here the same pass.
    case adamwTorchFused = "adamw_torch_fused"
    /// The same.
    case adamwTorch = "adamw_torch"
    /// Plain gradient descent.
    case sgd

    /// The update rule; `sgd` has no use for the numbers.
    public func rule(beta1: Double, beta2: Double, epsilon: Double) -> any UpdateRule {
        switch self {
        case .adamwTorchFused, .adamwTorch: AdamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
        case .sgd: SGD()
        }
    }
}
