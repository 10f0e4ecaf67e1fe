import Autodiff
import Layers
import ModelFiles

/// Attention of a decoder's tokens to what an encoder made of a text, where that is one vector.
///
/// A soft-max over one key is 1, whatever query and key are. So each token gets the same, the projected value, and the
/// weights of queries and keys have a gradient of zero; they are there because files hold them.
public struct CrossAttention: Module {
    public let query, key, value, output: Linear    // [H, H] each
    public let norm: LayerNorm

    public static let fileNames = [
        "query": "crossattention.self.query", "key": "crossattention.self.key", "value": "crossattention.self.value",
        "output": "crossattention.output.dense", "norm": "crossattention.output.LayerNorm",
    ]

    init(_ configuration: BertConfiguration, key: RandomKey?) {
        let width = configuration.hiddenSize
        func projection(_ number: UInt64) -> Linear {
            Linear(inputWidth: width, outputWidth: width, standardDeviation: configuration.initializerRange,
                   key: key?.folded(with: number))
        }
        query = projection(0)
        self.key = projection(1)
        value = projection(2)
        output = projection(3)
        norm = LayerNorm(width: width, epsilon: configuration.layerNormEpsilon)
    }

    /// - Parameters:
    ///   - x: `[T, H]`, the tokens of B sequences.
    ///   - memory: `[B, H]`, one vector for each sequence.
    /// - Returns: `[T, H]`.
    func callAsFunction(_ x: Tensor, memory: Tensor, offsets: Offsets) -> Tensor {
        norm(x + output(value(memory)).repeatingRows(offsets))
    }
}
