import CKernels
import Requirements

/// The record of a computation, played backward to differentiate it.
///
/// A flat array of entries, one for each recorded tensor: which entries it came from, and how a cotangent of it
/// becomes cotangents of those. Recording is scoped: use `withTape` or a function built on it. A tape, and what is
/// recorded on it, belongs to the thread that opened it: there alone operations are recorded, other threads see values.
///
/// ```swift
/// withTape { tape in
///     let x = tape.watch(Tensor([1, 2, 3]))
///     let y = (x * x).sum()
///     print(tape.pullback(of: y, to: [x])[0]!.tensor)      // [2, 4, 6]
/// }
/// ```
public final class Tape {
    struct Entry {
        var name: StaticString
        var pullback: Pullback
        /// Those of the recorded tensor, which its cotangent has to have.
        var shape: [Int]
        var dtype: DType
        /// The recorded output, where the pullback uses it.
        var output: Tensor?
        var callers: CallStack?
    }

    /// How the cotangent of an entry's output becomes cotangents of its inputs.
    enum Pullback {
        case leaf
        case consumed
        case unary(Int32, (_ dy: Tensor) -> Tensor)
        case unaryOfOutput(Int32, (_ y: Tensor, _ dy: Tensor) -> Tensor)
        case binary(Int32, (_ dy: Tensor) -> Tensor, Int32, (_ dy: Tensor) -> Tensor)
        case general([Int32], (_ dy: Tensor, _ wanted: [Bool]) -> [Gradient?])
        case fused(FusedOperation)
        case slice(Int32, Range<Int>, axis: Int)
    }

    // A tape belongs to one thread and hands out no references to its insides: there is no exclusivity to check.
    @exclusivity(unchecked) var entries: [Entry] = []
    /// False while a plain reverse pass runs, and after the scope has ended.
    @exclusivity(unchecked) private var isOpen = true
    /// The thread that the tape belongs to.
    private let owner = tap_current_thread()
    var detectsAnomalies: Bool
    /// What is recorded while a part of a model is computed that is to be packed; nil: none is.
    @exclusivity(unchecked) var fresh: [PackableStorage]?
    /// What the part before gave, which the next one reads.
    @exclusivity(unchecked) var lastOutput: PackableStorage?
    /// The memory of what was watched.
    @exclusivity(unchecked) var leaves: [ObjectIdentifier] = []
    private(set) var anomaly: Anomaly?

    init(detectingAnomalies: Bool) {
        detectsAnomalies = detectingAnomalies
    }

    private var isOwn: Bool { owner == tap_current_thread() }

    /// Whether operations of the calling thread are recorded.
    var isRecording: Bool { isOwn && isOpen }

    /// Ends the recording. Pullbacks hold tensors that hold this tape: letting go of them breaks the circle.
    func close() {
        isOpen = false
        entries.removeAll()
        lastOutput = nil
    }

    /// Number of entries recorded so far.
    public var entryCount: Int { entries.count }

    /// The tensor as an input of this tape: operations on the result are recorded.
    public func watch(_ x: Tensor) -> Tensor {
        require(x.dtype.isFloatingPoint, "watch", [x], "only float32 and float64 have derivatives")
        require(isOwn, "watch", [x], "the tape belongs to another thread")
        return append("watch", x.detached(), .leaf)
    }

    /// A tensor of this tape again, under an entry of its own where a nested reverse pass can stop.
    func alias(_ x: Tensor) -> Tensor {
        require(!x.isRecorded || x.tape === self, "differentiate", [x], "is recorded on another tape")
        guard x.tape === self else { return watch(x) }
        return append("alias", x.detached(), .unary(x.slot) { dy in dy })
    }

    func append(_ name: StaticString, _ value: Tensor, _ pullback: Pullback, keepingOutput: Bool = false) -> Tensor {
        var recorded = value
        recorded.tape = self
        recorded.slot = Int32(truncatingIfNeeded: entries.count)
        var callers: CallStack?
        if detectsAnomalies {
            callers = CallStack.capture()
            // What is watched was computed elsewhere.
            if case .leaf = pullback { callers = nil }
            noteAnomaly(in: value, name, .forward, callers)
        }
        if case .leaf = pullback {
            leaves.append(ObjectIdentifier(value.storage))
        } else if fresh != nil, let packable = packable(value) {
            fresh?.append(packable)
        }
        let output = keepingOutput ? recorded : nil
        entries.append(
            Entry(name: name, pullback: pullback, shape: value.shape, dtype: value.dtype, output: output, callers: callers))
        return recorded
    }

    /// The vector-Jacobian product: cotangents of `targets` for a cotangent `seed` of `y`.
    ///
    /// Entries are dropped as they are consumed, so memory falls while going back; `y` can then not be pulled
    /// back again, unless `keepingEntries` is set.
    ///
    /// - Parameters:
    ///   - y: A tensor recorded on this tape.
    ///   - targets: Tensors recorded on this tape.
    ///   - seed: The shape of `y`; ones when left out, which needs `y` to have one element.
    ///   - differentiable: Records the reverse pass itself, for derivatives of derivatives. Keeps all entries.
    ///   - keepingEntries: Whether the tape can be played again.
    /// - Returns: For each target its gradient; nil where `y` does not depend on it.
    public func pullback(
        of y: Tensor, to targets: [Tensor], seed: Tensor? = nil,
        differentiable: Bool = false, keepingEntries: Bool = false
    ) -> [Gradient?] {
        pullback(of: y, to: targets, seed: seed, differentiable: differentiable, keepingEntries: keepingEntries, lowest: 0)
    }

    private func pullback(
        of y: Tensor, to targets: [Tensor], seed: Tensor?, differentiable: Bool, keepingEntries: Bool = false, lowest: Int32
    ) -> [Gradient?] {
        require(seed != nil || y.count == 1, "pullback", [y], "without a seed, needs exactly one element")
        require(isOwn, "pullback", [y], "the tape belongs to another thread")
        require(targets.allSatisfy { $0.tape === self }, "pullback", targets, "a target is not on this tape")
        let seed = seed ?? Tensor(repeating: 1, shape: y.shape, dtype: y.dtype)
        require(seed.shape == y.shape && seed.dtype == y.dtype, "pullback", [y, seed], "the seed does not fit")
        guard y.tape === self, y.slot >= lowest else { return targets.map { _ in nil } }
        return reverse(
            from: y.slot, seed: seed, to: targets.map(\.slot), lowest: lowest,
            differentiable: differentiable, keepingEntries: keepingEntries || differentiable)
    }

    /// The value of a function of tensors, and its gradients with respect to them.
    ///
    /// Where the function depends on what was recorded before, on its inputs or by what it captures, value and gradients
    /// are recorded themselves. Otherwise they are constants, and what the function recorded is dropped.
    ///
    /// - Parameter function: Returns a value, and its cotangent if it has more than one element.
    package func differentiate(
        at inputs: [Tensor], _ function: ([Tensor]) throws -> (value: Tensor, cotangent: Tensor?)
    ) rethrows -> (value: Tensor, gradients: [Gradient?]) {
        let lowest = Int32(entries.count)
        let watched = inputs.map { alias($0) }
        let (value, cotangent) = try function(watched)
        let isNested =
            lowest > 0
            && ([value, cotangent ?? value].contains { $0.tape === self && $0.slot < lowest }
                || entries[Int(lowest)...].contains { reachesBelow(lowest, $0) })
        let gradients = pullback(of: value, to: watched, seed: cotangent, differentiable: isNested, lowest: lowest)
        return (isNested ? value : value.detached(), gradients)
    }

    private func reachesBelow(_ lowest: Int32, _ entry: Entry) -> Bool {
        func isBelow(_ slot: Int32) -> Bool { slot >= 0 && slot < lowest }
        return switch entry.pullback {
        case .leaf, .consumed: false
        case .unary(let input, _), .unaryOfOutput(let input, _), .slice(let input, _, _): isBelow(input)
        case .binary(let a, _, let b, _): isBelow(a) || isBelow(b)
        case .general(let inputs, _): inputs.contains(where: isBelow)
        case .fused(let operation): operation.inputs.contains { $0.tape === self && isBelow($0.slot) }
        }
    }

    /// The reverse pass over the entries `lowest ... slot`.
    private func reverse(
        from slot: Int32, seed: Tensor, to targets: [Int32], lowest: Int32,
        differentiable: Bool, keepingEntries: Bool
    ) -> [Gradient?] {
        let wasOpen = isOpen
        isOpen = wasOpen && differentiable
        defer { isOpen = wasOpen }

        var cotangents = [Gradient?](repeating: nil, count: Int(slot - lowest) + 1)
        var slices: [Int: SliceCotangents] = [:]
        var isTarget = [Bool](repeating: false, count: cotangents.count)
        for target in targets where target >= lowest && target <= slot { isTarget[Int(target - lowest)] = true }
        cotangents[Int(slot - lowest)] = .dense(seed)

        func add(_ gradient: Gradient, to input: Int32) {
            guard input >= lowest else { return }
            let index = Int(input - lowest)
            if cotangents[index] == nil {
                cotangents[index] = gradient
            } else {
                cotangents[index]!.add(gradient)
            }
        }
        func add(_ slice: SliceCotangents.Slice, of input: Int32) {
            guard input >= lowest else { return }
            let index = Int(input - lowest)
            if let sum = slices[index, default: SliceCotangents(of: entries[Int(input)].shape)].add(slice) {
                add(.dense(sum), to: input)
            }
        }

        var current = slot + 1
        while current > lowest {
            current -= 1
            let index = Int(current - lowest)
            if !slices.isEmpty, var parts = slices.removeValue(forKey: index), let sum = parts.takeSum() {
                add(.dense(sum), to: current)
            }
            guard let cotangent = cotangents[index] else {
                if !keepingEntries { drop(current) }
                continue
            }
            if !isTarget[index] { cotangents[index] = nil }  // lets go of the memory, so that sums may go into it
            let entry = keepingEntries ? entries[Int(current)] : take(current)
            if case .slice(let input, let range, let axis) = entry.pullback {
                add(SliceCotangents.Slice(axis: axis, range: range, values: cotangent.tensor), of: input)
            } else {
                propagate(cotangent, through: entry, differentiable: differentiable, add: add)
            }
        }
        return targets.map { $0 >= lowest && $0 <= slot ? cotangents[Int($0 - lowest)] : nil }
    }

    private func propagate(
        _ cotangent: Gradient, through entry: Entry, differentiable: Bool, add: (Gradient, Int32) -> Void
    ) {
        func deliver(_ gradient: Gradient, to input: Int32) {
            let index = Int(input)
            if gradient.shape != entries[index].shape || gradient.dtype != entries[index].dtype {
                refuse(
                    "\(entry.name): its pullback gave a gradient \(gradient.dtype)\(gradient.shape) "
                        + "for an operand \(entries[index].dtype)\(entries[index].shape)")
            }
            if detectsAnomalies { noteAnomaly(in: gradient.heldElements, entry.name, .backward, entry.callers) }
            add(gradient, input)
        }
        switch entry.pullback {
        case .leaf, .slice:
            break
        case .consumed:
            refuse(
                "pullback: the entry of \(entry.name) was consumed by an earlier pullback; "
                    + "ask that one for keepingEntries")
        case .unary(let input, let pullback):
            deliver(.dense(pullback(cotangent.tensor)), to: input)
        case .unaryOfOutput(let input, let pullback):
            deliver(.dense(pullback(entry.output!, cotangent.tensor)), to: input)
        case .binary(let a, let pullbackA, let b, let pullbackB):
            let dy = cotangent.tensor
            if a >= 0 { deliver(.dense(pullbackA(dy)), to: a) }
            if b >= 0 { deliver(.dense(pullbackB(dy)), to: b) }
        case .general(let inputs, let pullback):
            let gradients = pullback(cotangent.tensor, inputs.map { $0 >= 0 })
            for case (let input, let gradient?) in zip(inputs, gradients) where input >= 0 {
                deliver(gradient, to: input)
            }
        case .fused(let operation):
            let slots = operation.inputs.map { $0.tape === self ? $0.slot : -1 }
            let gradients =
                differentiable
                ? composedPullback(of: operation, dy: cotangent.tensor, wanted: slots.map { $0 >= 0 })
                : operation.pullback(cotangent.tensor, slots.map { $0 >= 0 })
            for case (let input, let gradient?) in zip(slots, gradients) where input >= 0 {
                deliver(gradient, to: input)
            }
        }
    }

    /// Differentiates a fused operation through its definition in primitive operations, recording as it goes.
    private func composedPullback(of operation: FusedOperation, dy: Tensor, wanted: [Bool]) -> [Gradient?] {
        let lowest = Int32(entries.count)
        let inputs = zip(operation.inputs, wanted).map { $1 ? alias($0) : $0 }
        let y = operation.composed(inputs)
        guard y.tape === self, y.slot >= lowest else { return wanted.map { _ in nil } }
        let targets = inputs.filter { $0.tape === self && $0.slot >= lowest }.map(\.slot)
        var found = reverse(
            from: y.slot, seed: dy, to: targets, lowest: lowest,
            differentiable: true, keepingEntries: true)[...]
        return wanted.map { $0 ? found.removeFirst() : nil }
    }

    /// Lets go of what an entry holds; inputs stay, so that they can be used again.
    private func drop(_ slot: Int32) { _ = take(slot) }

    private func take(_ slot: Int32) -> Entry {
        if case .leaf = entries[Int(slot)].pullback { return entries[Int(slot)] }
        var entry = Entry(
            name: entries[Int(slot)].name, pullback: .consumed, shape: entries[Int(slot)].shape, dtype: entries[Int(slot)].dtype)
        swap(&entry, &entries[Int(slot)])
        return entry
    }

    private func noteAnomaly(
        in value: Tensor, _ name: StaticString, _ direction: Anomaly.Direction,
        _ callers: CallStack?
    ) {
        guard anomaly == nil, let index = value.firstNonFiniteIndex else { return }
        // A logit of −∞ is a candidate that was removed on purpose, wherever it is moved to.
        if direction == .forward, Self.movesElements(name), value.isFiniteOrMinusInfinity { return }
        anomaly = Anomaly(
            operation: "\(name)", direction: direction, shape: value.shape, index: index,
            value: value.detached().values[index], caller: callers?.firstCallerOutsideLibrary)
    }
}

extension Tape {
    /// Whether an operation only sets or moves elements, and computes none.
    private static func movesElements(_ name: StaticString) -> Bool {
        ["filled", "select", "reshaped", "permuted", "concatenating", "sliced"].contains("\(name)")
    }
}
