/// The sum of a scalar function over blocks of rows, with one block in memory at a time.
///
/// A matrix of similarities of all rows with all others need not be whole in memory: each block of rows is
/// differentiated as soon as its value is there, and dropped. The result does not depend on the size of the blocks, up
/// to rounding. Rows that fit into one block are computed as if this were not there.
///
/// - Parameters:
///   - rows: Tensors of equal length along axis 0; a block sees its part of them.
///   - shared: Tensors that every block sees whole.
///   - blockSize: Rows in a block.
///   - function: Gets the numbers of the rows, the rows and the shared tensors; must be made of differentiable
///     operations, take nothing recorded from outside, and return a scalar.
public func blockwiseSum(
    _ rows: [Tensor], with shared: [Tensor], blockSize: Int,
    _ function: @escaping (_ range: Range<Int>, _ rows: [Tensor], _ shared: [Tensor]) -> Tensor
) -> Tensor {
    let operands = rows + shared
    require(
        !rows.isEmpty && rows.allSatisfy { $0.rank > 0 && $0.shape[0] == rows[0].shape[0] }, "blockwiseSum", operands,
        "needs rows of equal length")
    require(blockSize > 0, "blockwiseSum", operands, "a block of \(blockSize) rows holds nothing")
    let count = rows[0].shape[0]
    if blockSize >= count { return function(0..<count, rows, shared) }
    let blocks = stride(from: 0, to: count, by: blockSize).map { $0..<min($0 + blockSize, count) }

    func plainSum(_ rows: [Tensor], _ shared: [Tensor]) -> Tensor {
        let values = blocks.map { block in function(block, rows.map { $0.sliced(block) }, shared) }
        return values.dropFirst().reduce(values[0], +)
    }
    guard operands.contains(where: \.isRecorded) else { return plainSum(rows, shared) }

    var total: Tensor?
    var rowGradients = [[Tensor]](repeating: [], count: rows.count)
    var sharedGradients = [Gradient?](repeating: nil, count: shared.count)
    for block in blocks {
        withTape { tape in
            let part = rows.map { $0.isRecorded ? tape.watch($0.detached().sliced(block)) : $0.sliced(block) }
            let whole = shared.map { $0.isRecorded ? tape.watch($0) : $0 }
            let value = function(block, part, whole)
            total = total.map { $0 + value.detached() } ?? value.detached()
            let watched = (part + whole).filter(\.isRecorded)
            var found = tape.pullback(of: value, to: watched)[...]
            for i in rows.indices where rows[i].isRecorded {
                rowGradients[i].append(found.removeFirst()?.tensor ?? .zeros(part[i].shape, dtype: part[i].dtype))
            }
            for i in shared.indices where shared[i].isRecorded {
                guard let gradient = found.removeFirst() else { continue }
                if sharedGradients[i] == nil { sharedGradients[i] = gradient } else { sharedGradients[i]!.add(gradient) }
            }
        }
    }
    let gradients = zip(rows, rowGradients).map { $0.isRecorded ? Gradient.dense(.concatenating($1)) : nil } + sharedGradients
    return Tape.recordFused(
        "blockwiseSum", value: total!, from: operands,
        pullback: { dy, _ in
            gradients.map { $0?.scaled(by: dy.item) }
        },
        composed: { operands in
            plainSum(Array(operands.prefix(rows.count)), Array(operands.dropFirst(rows.count)))
        })
}
