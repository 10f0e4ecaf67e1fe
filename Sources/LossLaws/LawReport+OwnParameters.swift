import Autodiff
import Layers
import Optimizers

extension LawReport {
    /// Every stored parameter that has an influence on the value is declared, and a training step changes it.
    ///
    /// - Parameters:
    ///   - stored: Parameters that were found in the loss or objective, declared or not.
    ///   - value: The loss as the parameters are now.
    ///   - gradients: Of the declared parameters, and of any others.
    mutating func checkOwnParameters(
        stored: [NamedParameter], declared: [NamedParameter], key: RandomKey, value: () -> Double, gradients: () -> Gradients
    ) {
        let names = Dictionary(declared.map { (ObjectIdentifier($0.parameter), $0.name) }) { first, _ in first }
        let undeclared = stored.filter { names[ObjectIdentifier($0.parameter)] == nil }
        if stored.isEmpty && declared.isEmpty { return excuse(.ownParameters, "it has none") }
        func hasInfluence(_ parameter: Parameter) -> Bool {
            let (before, original) = (value(), parameter.value)
            defer { parameter.value = original }
            parameter.value = original + Tensor.normal(original.shape, dtype: original.dtype, key: key.folded(with: 31))
            return value() != before
        }
        for named in undeclared where named.parameter.isTrainable {
            expect(
                !hasInfluence(named.parameter), .ownParameters, "a change in it", "\(named.name) \(named.parameter.shape)",
                remark: "changes the loss, yet `parameters` does not list it: no optimizer sees it")
        }
        let trained = declared.filter(\.parameter.isTrainable)
        let before = trained.map(\.parameter.value)
        Optimizer(SGD(), parameters: [], unclipped: trained).step(gradients(), learningRate: 0.1)
        for (named, original) in zip(trained, before) {
            let isChanged = named.parameter.value != original
            named.parameter.value = original
            expect(
                isChanged || !hasInfluence(named.parameter), .ownParameters, "a training step",
                "\(named.name) \(named.parameter.shape)", remark: "stays as it was, though the loss depends on it")
            expect(
                hasInfluence(named.parameter), error: 0.5, .ownParameters, "a change in it",
                "\(named.name) \(named.parameter.shape)", remark: "does not change the loss")
        }
    }
}
