import Autodiff
import Requirements

/// How many bits each number of an embedding has where it is stored.
public enum EmbeddingPrecision: String, CaseIterable, Sendable {
    /// As it was computed, in 32 bits.
    case float32
    /// One of 256 steps between a dimension's smallest and largest number.
    case int8, uint8
    /// Whether a number is above zero, eight of them in a byte.
    case binary, ubinary

    /// The numbers that stored embeddings hold, as float32: `[N, D]`; of the binary kinds packed bytes, `[N, ⌈D / 8⌉]`, the first
    /// number in the highest bit.
    ///
    /// All is computed in float32, as the reference does, so that the largest number of a dimension may come to lie on step 254.
    ///
    /// - Parameters:
    ///   - embeddings: `[N, D]`.
    ///   - calibration: `[M, D]`, whose smallest and largest numbers span the steps of int8 and uint8; nil: the embeddings
    ///     themselves. Traps where these are fewer than two.
    public func quantized(_ embeddings: Tensor, calibration: Tensor? = nil) -> Tensor {
        let values = embeddings.cast(to: .float32)
        require(values.rank == 2, "EmbeddingPrecision: needs embeddings [N, D], not \(embeddings.shape)")
        switch self {
        case .float32: return values
        case .uint8, .int8:
            let sample = (calibration ?? values).cast(to: .float32)
            require(
                sample.rank == 2 && sample.shape[0] > 1 && sample.shape[1] == values.shape[1],
                "EmbeddingPrecision: \(rawValue) needs two embeddings or more to calibrate on, of the same width, not \(sample.shape)")
            let (least, most) = (sample.min(alongAxis: 0).scalars(Float.self), sample.max(alongAxis: 0).scalars(Float.self))
            let steps = zip(least, most).map { $1 > $0 ? ($1 - $0) / 255 : 1 }
            let width = least.count, lowest: Float = self == .int8 ? -128 : 0
            let codes = values.scalars(Float.self).enumerated().map { place, value in
                let code = ((value - least[place % width]) / steps[place % width]).rounded(.down)
                return Double(min(max(code, 0), 255) + lowest)
            }
            return Tensor(codes, shape: values.shape)
        case .binary, .ubinary:
            let (rows, width, lowest) = (values.shape[0], values.shape[1], self == .binary ? -128 : 0)
            let bytes = (width + 7) / 8, numbers = values.scalars(Float.self)
            let codes = (0..<rows * bytes).map { place in
                let (row, first) = (place / bytes, place % bytes * 8)
                let byte = (first..<first + 8).reduce(0) { $0 << 1 | ($1 < width && numbers[row * width + $1] > 0 ? 1 : 0) }
                return Double(byte + lowest)
            }
            return Tensor(codes, shape: [rows, bytes])
        }
    }
}
