/// The memory of a recorded tensor, as long as somebody needs it.
struct PackableStorage {
    weak var storage: Storage?
}

extension Tape {
    /// Computes a part of a model, a layer say, of which the backward pass keeps what it needs in bfloat16: half the memory.
    ///
    /// All values and sums of the forward pass are those of float32; what the backward pass reads again is rounded to 8 bits,
    /// inputs of the part included where they come from such a part, too. Parameters are never rounded.
    public static func packing(_ part: () -> Tensor) -> Tensor {
        guard let tape = Scope.innermostTape, tape.fresh == nil else { return part() }
        tape.fresh = []
        let value = part()
        let fresh = (tape.fresh ?? []) + [tape.lastOutput].compactMap { $0 }
        tape.fresh = nil
        for packable in fresh {
            // What the next part reads is packed after that.
            guard let storage = packable.storage, storage !== value.storage else { continue }
            storage.pack()
        }
        tape.lastOutput = tape.packable(value)
        return value
    }

    /// Small tensors, parts of others, and views of what was watched stay as they are.
    func packable(_ value: Tensor) -> PackableStorage? {
        guard value.dtype == .float32, value.count >= 1024, value.storage.byteCount == 4 * value.count,
            !leaves.contains(ObjectIdentifier(value.storage))
        else { return nil }
        return PackableStorage(storage: value.storage)
    }
}
