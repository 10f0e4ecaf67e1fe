import Autodiff
import Layers

/// A fully connected layer with weights of 8 bits and a scale for each row of the output, made floats where it computes.
struct Int8Linear: LinearLayer {
    let codes: [Int8]  // [out, in]
    let scales: Tensor  // [out, 1]
    let bias: Tensor?  // [out]

    init(_ layer: any LinearLayer) {
        let (weight, bias) = layer.floats
        let rows = weight.rows.map { row in (row, max(row.reduce(0) { max($0, abs($1)) } / 127, 1e-30)) }
        codes = rows.flatMap { row, scale in row.map { Int8(($0 / scale).rounded()) } }
        scales = Tensor(rows.map(\.1), shape: [rows.count, 1], dtype: weight.dtype)
        self.bias = bias
    }

    var floats: (weight: Tensor, bias: Tensor?) {
        let width = codes.count / scales.count
        return (Tensor(codes.map(Double.init), shape: [scales.count, width], dtype: scales.dtype) * scales, bias)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let (weight, bias) = floats
        return x.linear(weight: weight, bias: bias)
    }

    func copied() -> Int8Linear { self }
}
