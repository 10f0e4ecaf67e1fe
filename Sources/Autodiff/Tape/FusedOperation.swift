/// A fast kernel with a backward kernel of its own, and the same function composed of primitive operations.
///
/// The kernel pair serves first derivatives. A differentiable reverse pass goes through `composed` instead, so
/// that derivatives of any order exist; tests hold the two against each other.
struct FusedOperation {
    var inputs: [Tensor]
    var pullback: (_ dy: Tensor, _ wanted: [Bool]) -> [Gradient?]
    var composed: (_ inputs: [Tensor]) -> Tensor
}
