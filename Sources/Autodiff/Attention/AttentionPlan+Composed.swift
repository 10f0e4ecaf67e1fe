extension AttentionPlan {
    /// The same as the kernel in primitive operations, for derivatives of derivatives, and for scores that have no kernel.
    ///
    /// Sequences of equal length are worked on together, in products of many small matrices: nothing is padded, and the
    /// number of operations does not grow with that of the sequences.
    func composed(_ operands: [Tensor]) -> Tensor {
        let (q, k, v) = (operands[0], operands[1], operands[2])
        let groups = groups()
        let (queries, keys) = (
            groups.map { Rows(of: $0.sequences, in: offsets) },
            groups.map { Rows(of: $0.sequences, in: keyOffsets ?? offsets) }
        )
        let (queryOrder, keyOrder) = (queries.flatMap(\.numbers), keys.flatMap(\.numbers))
        func pieces(_ x: Tensor, _ order: [Int], _ rows: [Rows]) -> [Tensor] {
            x.reordered(order).split(lengths: rows.map(\.numbers.count))
        }
        let (qs, ks, vs) = (pieces(q, queryOrder, queries), pieces(k, keyOrder, keys), pieces(v, keyOrder, keys))
        let results = groups.indices.map { i in
            composed(qs[i], ks[i], vs[i], operands.count > 3 ? operands[3] : nil, groups[i])
        }
        if results.isEmpty { return q * 0 }
        var places = queryOrder
        for (place, row) in queryOrder.enumerated() { places[row] = place }
        return Tensor.concatenating(results).reordered(places)
    }

    /// Sequences of one number of queries and one number of keys.
    private struct Group {
        let sequences: [Int]
        let length, keyLength: Int
    }

    private func groups() -> [Group] {
        let lengths = offsets.lengths, keyLengths = (keyOffsets ?? offsets).lengths
        return Dictionary(grouping: lengths.indices) { [lengths[$0], keyLengths[$0]] }
            .map { Group(sequences: $1, length: $0[0], keyLength: $0[1]) }.sorted { $0.sequences[0] < $1.sequences[0] }
    }

    private struct Rows {
        let numbers: [Int]
        init(of sequences: [Int], in offsets: Offsets) { numbers = sequences.flatMap { offsets[$0] } }
    }

    /// - Parameters:
    ///   - q: `[n · L, H · d]` of a group of n sequences.
    ///   - k, v: `[n · K, G · d]`.
    ///   - bias: `[H, N]`.
    /// - Returns: `[n · L, H · d]`.
    private func composed(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ bias: Tensor?, _ group: Group) -> Tensor {
        let (n, length, keyLength) = (group.sequences.count, group.length, group.keyLength)
        if length == 0 || keyLength == 0 { return q * 0 }
        func heads(_ x: Tensor, _ length: Int, _ count: Int) -> Tensor {  // [n, count, length, d]
            x.reshaped([n, length, count, headWidth]).permuted(axes: [0, 2, 1, 3])
        }
        func turned(_ x: Tensor) -> Tensor { scores.rotation.map { $0.turning(x) } ?? x }
        // The heads that share a key head stand one under the other.
        let shared = [n, keyHeadCount, headCount / keyHeadCount * length]
        let queries = turned(heads(q, length, headCount)).reshaped(shared + [headWidth])
        let keys = turned(heads(k, keyLength, keyHeadCount))
        var products = queries.matmul(keys, transposingB: true).reshaped([n, headCount, length, keyLength])
        if let terms = scores.positions.flatMap({ positionTerms($0, q, k, count: n, length: length) }) { products = products + terms }
        products = products * scale
        if let cap = scores.softCap { products = (products / cap).tanh() * cap }
        let places = (0..<length).flatMap { query in (0..<keyLength).map { $0 - query } }  // of keys, seen from queries
        if let bias, let buckets {
            let columns = Tensor(indices: buckets.columns(of: places))
            let added = bias.transposed().gatheringRows(at: columns).transposed()
            products = products + added.reshaped([1, headCount, length, keyLength])
        }
        let hidden = places.map { !scores.sees($0) }
        if hidden.contains(true) {
            products = products.filled(with: -.infinity, where: Tensor(scalars: hidden, shape: [1, 1, length, keyLength]))
        }
        let blind = (0..<length).map { hidden[$0 * keyLength..<($0 + 1) * keyLength].allSatisfy { $0 } }
        let isBlind = Tensor(scalars: blind, shape: [1, 1, length, 1])
        if blind.contains(true) { products = products.filled(with: 0, where: isBlind) }
        var weights = products.softmax()
        if blind.contains(true) { weights = weights.filled(with: 0, where: isBlind) }
        if let factors = dropoutFactors(group, dtype: q.dtype) { weights = weights * factors }
        return weights.reshaped(shared + [keyLength]).matmul(heads(v, keyLength, keyHeadCount))
            .reshaped([n, headCount, length, headWidth]).permuted(axes: [0, 2, 1, 3])
            .reshaped([n * length, headCount * headWidth])
    }

    /// `[n, H, L, K]`: what the kernel multiplies the probabilities with.
    private func dropoutFactors(_ group: Group, dtype: DType) -> Tensor? {
        guard let dropout, dropout.rate > 0 else { return nil }
        let factors = group.sequences.flatMap { sequence in
            (0..<headCount).flatMap { head in
                (0..<group.length).flatMap { query in
                    dropout.factors(count: group.keyLength, row: UInt32(query * headCount + head), sample: samples[sequence])
                }
            }
        }
        return Tensor(factors, shape: [group.sequences.count, headCount, group.length, group.keyLength], dtype: dtype)
    }
}

extension DistanceBuckets {
    func columns(of places: [Int]) -> [Int] {
        let all = columns.indices
        return places.map { all[max(-reach, min(reach, $0)) + reach] }
    }
}

extension RotaryEmbedding {
    /// Heads `[…, L, d]` turned by their positions on the axis before the last.
    fileprivate func turning(_ x: Tensor) -> Tensor {
        let (length, d, half) = (x.shape[x.rank - 2], x.shape[x.rank - 1], width / 2)
        let table = turns(count: length, dtype: x.dtype).sliced(0..<length).reshaped([1, 1, length, width])
        let parts = x.split(lengths: [half, half, d - width], alongAxis: -1)
        let (cosines, sines) = (table.sliced(0..<half, alongAxis: -1), table.sliced(half..<width, alongAxis: -1))
        let turned = [parts[0] * cosines - parts[1] * sines, parts[1] * cosines + parts[0] * sines]
        return .concatenating(turned + (d > width ? [parts[2]] : []), alongAxis: -1)
    }
}

extension Tensor {
    /// Rows in another order, which names each of them once.
    fileprivate func reordered(_ order: [Int]) -> Tensor {
        order == Array(0..<shape[0]) ? self : gatheringRows(at: Tensor(indices: order))
    }
}
