import Autodiff

/// `ln(1 + Σ exp(sᵢ − sⱼ))` over all ordered pairs of rows with `yᵢ < yⱼ`: what CoSENT and AnglE make small.
///
/// In O(B log B): with the rows in the order of their labels, the inner sum over j is a cumulative one.
///
/// - Parameters:
///   - scores: `[B]`.
///   - labels: `[B]`; only their order counts. Equal labels make no pair.
/// - Returns: A scalar; zero where no pair is ordered.
func pairOrderLoss(_ scores: Tensor, labels: Tensor) -> Tensor {
    let y = labels.values
    let order = y.indices.sorted { y[$0] != y[$1] ? y[$0] < y[$1] : $0 < $1 }
    // For each place in the order, the first place with a larger label, if there is one.
    var firstLarger = [Int](repeating: y.count, count: y.count)
    for place in y.indices.reversed().dropFirst() {
        firstLarger[place] = y[order[place]] < y[order[place + 1]] ? place + 1 : firstLarger[place + 1]
    }
    let places = y.indices.filter { firstLarger[$0] < y.count }
    if places.isEmpty { return (scores * 0).sum() }
    let s = scores.taking(order)  // [B]
    let above = (-s).reversedCumulativeLogSumExp()  // [B]: ln Σ exp(−sⱼ) from here on
    let terms = s.taking(places) + above.taking(places.map { firstLarger[$0] })
    return Tensor.concatenating([Tensor.zeros([1], dtype: s.dtype), terms]).logSumExp()
}
