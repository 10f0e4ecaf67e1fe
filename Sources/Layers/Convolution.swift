import Autodiff
import Requirements

/// A convolution over the tokens of each sequence; none sees a token of another one.
public struct Convolution: Module {
    /// `[out, in / groups, k]`.
    public let weight: Parameter  // [out, in / groups, k]
    /// `[out]`.
    public let bias: Parameter  // [out]
    /// Parts of the input's width that are convolved apart, each to as large a part of the output's.
    public let groupCount: Int

    /// Weights from a normal distribution, biases of zero; without a key all zero, to be filled from a file.
    ///
    /// - Parameters:
    ///   - inputWidth: Width of the tokens.
    ///   - outputWidth: Width of the result.
    ///   - kernelSize: k, an odd number: how many tokens, around each, it looks at.
    ///   - groupCount: Divides both widths.
    ///   - standardDeviation: Of the weights.
    ///   - dtype: Of the weights.
    ///   - key: Draws the weights.
    public init(
        inputWidth: Int, outputWidth: Int, kernelSize: Int, groupCount: Int = 1, standardDeviation: Double = 0.02,
        dtype: DType = .float32, key: RandomKey?
    ) {
        require(
            kernelSize > 0 && kernelSize % 2 == 1 && groupCount > 0 && inputWidth % groupCount == 0 && outputWidth % groupCount == 0,
            "Convolution: needs an odd number of tokens and groups that divide the widths, not \(kernelSize) tokens and \(groupCount) "
                + "groups of \(inputWidth) and \(outputWidth)")
        weight = .initialized(
            [outputWidth, inputWidth / groupCount, kernelSize], standardDeviation: standardDeviation, dtype: dtype, key: key)
        bias = Parameter(.zeros([outputWidth], dtype: dtype))
        self.groupCount = groupCount
    }

    /// - Parameters:
    ///   - x: `[T, in]`, the sequences end to end. What would stand before and after a sequence counts as zeros.
    ///   - offsets: Where the sequences begin.
    /// - Returns: `[T, out]`.
    public func callAsFunction(_ x: Tensor, offsets: Offsets) -> Tensor {
        let weight = weight.value
        let (outputWidth, width, size, count) = (weight.shape[0], weight.shape[1], weight.shape[2], x.shape[0])
        let padded = Tensor.concatenating([x, .zeros([1, x.shape[1]], dtype: x.dtype)])
        let taps = (0..<size).map { tap in
            // Where the token of this tap stands; the row of zeros where there is none.
            let rows = (0..<offsets.count).flatMap { sequence in
                let all = offsets[sequence]
                return all.map { row in
                    let place = row + tap - size / 2
                    return all.contains(place) ? place : count
                }
            }
            return tap == size / 2 ? x : padded.gatheringRows(at: Tensor(indices: rows))
        }
        let groups = (0..<groupCount).map { group in
            let input = Tensor.concatenating(
                taps.map { groupCount == 1 ? $0 : $0.sliced(group * width..<(group + 1) * width, alongAxis: 1) }, alongAxis: 1)
            let outputs = outputWidth / groupCount
            let kernel = weight.sliced(group * outputs..<(group + 1) * outputs).permuted(axes: [0, 2, 1])
            return input.matmul(kernel.reshaped([outputs, size * width]), transposingB: true)
        }
        return .concatenating(groups, alongAxis: 1) + bias.value.reshaped([1, -1])
    }
}
