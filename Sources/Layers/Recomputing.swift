import Autodiff

/// A part of a model whose insides are not kept: the backward pass computes it again from its input (Chen et al. 2016,
/// arXiv:1604.06174). Value and gradients are those of the part itself, its dropout included, to the bit.
///
/// - Parameters:
///   - x: The input.
///   - parameters: All that the part computes with.
///   - context: Of the pass.
///   - part: A function of the input and of the parameters alone.
public func recomputing(
    _ x: Tensor, parameters: [Parameter], in context: Context, _ part: @escaping (_ x: Tensor, _ context: Context) -> Tensor
) -> Tensor {
    let inputs = [x] + parameters.map(\.value)
    guard inputs.contains(where: \.isRecorded) else { return part(x, context) }
    let start = context.forked()
    func run(_ inputs: [Tensor], _ context: Context) -> Tensor {
        substituting(Array(inputs.dropFirst()), for: parameters) { part(inputs[0], context) }
    }
    let own = start.forked()
    let value = run(inputs.map { $0.detached() }, own)
    context.join(own)
    return Tape.recordFused("recomputing", value: value, from: inputs) { dy, wanted in
        withTape { tape in
            let leaves = zip(inputs, wanted).map { $1 ? tape.watch($0) : $0.detached() }
            let targets = zip(leaves, wanted).filter(\.1).map(\.0)
            let y = run(leaves, start.forked())
            var found = (y.isRecorded ? tape.pullback(of: y, to: targets, seed: dy) : targets.map { _ in nil })[...]
            return wanted.map { $0 ? found.removeFirst() : nil }
        }
    } composed: {
        run($0, start.forked())
    }
}
