import Autodiff
import Layers
import Requirements

/// Embeddings of the patches of images: squares side by side, each multiplied by one matrix, behind a token of its own that stands for the
/// whole; and of the places of all.
public struct PatchEmbeddings: Module {
    /// `[H]`: the class token.
    public let classToken: Parameter  // [H]
    /// `[H, C, P, P]`: a convolution whose kernels do not overlap.
    public let patches: Parameter  // [H, C, P, P]
    /// `[1 + (S / P)², H]`.
    public let positions: Embedding  // [1 + (S / P)², H]
    private let imageSize: Int

    init(_ c: EncoderConfiguration, key: RandomKey?) {
        let side = c[.patchSize], along = c[.imageSize] / side, deviation = c.initializerRange
        classToken = .initialized([c.hiddenSize], standardDeviation: deviation, dtype: .float32, key: key?.folded(with: 0))
        patches = .initialized(
            [c.hiddenSize, c[.channelCount], side, side], standardDeviation: deviation, dtype: .float32, key: key?.folded(with: 1))
        positions = Embedding(count: 1 + along * along, width: c.hiddenSize, standardDeviation: deviation, key: key?.folded(with: 2))
        imageSize = c[.imageSize]
    }

    /// - Parameter pixels: `[N, C, S, S]`. Rows and columns beyond the last whole patch are left out.
    /// - Returns: `[N · (1 + (S / P)²), H]`: of each image the class token, then the patches row by row.
    public func callAsFunction(_ pixels: Tensor) -> Tensor {
        let kernels = patches.value, places = positions.weight.value
        let (width, channels, side) = (kernels.shape[0], kernels.shape[1], kernels.shape[2])
        require(
            pixels.rank == 4 && pixels.shape.dropFirst() == [channels, imageSize, imageSize] && pixels.dtype == kernels.dtype,
            "PatchEmbeddings: \(pixels.dtype) images \(pixels.shape) cannot be taken; \(kernels.dtype) ones "
                + "[N, \(channels), \(imageSize), \(imageSize)] can")
        let count = pixels.shape[0], along = imageSize / side
        var whole = pixels
        if along * side < imageSize {
            whole = whole.sliced(0..<along * side, alongAxis: 2).sliced(0..<along * side, alongAxis: 3)
        }
        let unfolded = whole.reshaped([count, channels, along, side, along, side]).permuted(axes: [0, 2, 4, 1, 3, 5])
        let embedded = unfolded.reshaped([count * along * along, channels * side * side]).matmul(
            kernels.reshaped([width, channels * side * side]), transposingB: true)
        let first = classToken.value.reshaped([1, width]) + Tensor.zeros([count, width], dtype: kernels.dtype)
        let rows = Tensor.concatenating([first, embedded.reshaped([count, along * along * width])], alongAxis: 1)
        return (rows + places.reshaped([1, places.count])).reshaped([rows.count / width, width])
    }
}
