import Autodiff
import Layers
import Losses

/// A loss's value and gradients, each under the name that a report calls it by.
struct Figures {
    struct Entry {
        let name: String
        let tensor: Tensor
    }

    var entries: [Entry]

    /// - Parameter gradients: With zeros where the loss does not depend on the tensor.
    init(_ value: Double, gradients: [Entry]) {
        entries =
            [Entry(name: "the value", tensor: Tensor(value, dtype: .float64))]
            + gradients.map { Entry(name: "the gradient of \($0.name)", tensor: $0.tensor) }
    }

    var value: Double { entries[0].tensor.item }

    var areFinite: Bool { entries.allSatisfy(\.tensor.isFinite) }

    /// The same figures, with something done to the first gradients.
    func mapGradients(_ count: Int, _ transform: (Int, Tensor) -> Tensor) -> Figures {
        var copy = self
        for i in 0..<count { copy.entries[i + 1] = Entry(name: entries[i + 1].name, tensor: transform(i, entries[i + 1].tensor)) }
        return copy
    }
}

/// Runs `body` with parameters of another dtype, and puts their values back.
func withParameters<R>(_ parameters: [Parameter], as dtype: DType, _ body: () throws -> R) rethrows -> R {
    let originals = parameters.map(\.value)
    for parameter in parameters { parameter.value = parameter.value.cast(to: dtype) }
    defer { for (parameter, original) in zip(parameters, originals) { parameter.value = original } }
    return try body()
}

extension Tensor {
    /// Some of the rows of a tensor of any rank.
    func rows(_ numbers: [Int]) -> Tensor {
        reshaped([shape[0], -1]).gatheringRows(at: Tensor(indices: numbers)).reshaped([numbers.count] + shape.dropFirst())
    }
}
