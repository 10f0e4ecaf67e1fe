import Autodiff
import Layers

/// Attention of a decoder's tokens to what an encoder made of a text, where that is one vector.
///
/// A soft-max over one key is 1, whatever query and key are. So each token gets the same, the projected value, and the
/// weights of queries and keys have a gradient of zero; they are there because files hold them.
public struct CrossAttention: Module {
    /// The projections, `[H, H]` each.
    public let query, key, value, output: Linear  // [H, H] each
    /// Of the output added to the input.
    public let norm: LayerNorm

    /// Weights from a normal distribution; without a key all zero, to be filled from a file.
    public init(width: Int, normEpsilon: Double = 1e-12, standardDeviation: Double = 0.02, key: RandomKey?) {
        func projection(_ number: UInt64) -> Linear {
            Linear(inputWidth: width, outputWidth: width, standardDeviation: standardDeviation, key: key?.folded(with: number))
        }
        query = projection(0)
        self.key = projection(1)
        value = projection(2)
        output = projection(3)
        norm = LayerNorm(width: width, epsilon: normEpsilon)
    }

    /// - Parameters:
    ///   - x: `[T, H]`, the tokens of B sequences.
    ///   - memory: `[B, H]`, one vector for each sequence.
    ///   - offsets: Where the sequences of `x` begin.
    /// - Returns: `[T, H]`.
    public func callAsFunction(_ x: Tensor, memory: Tensor, offsets: Offsets) -> Tensor {
        norm(x + output(value(memory)).repeatingRows(offsets))
    }
}
