extension Tensor {
    /// The elements for reading, which must be of this type. The tensor must outlive the use: callers hold it as a
    /// parameter or return it.
    @inline(__always)
    func elements<T: TensorElement>(_ type: T.Type = T.self) -> UnsafePointer<T> {
        UnsafePointer(freshElements(T.self))
    }

    /// The elements of a tensor that was just made, for writing its first content.
    @inline(__always)
    func freshElements<T: TensorElement>(_ type: T.Type = T.self) -> UnsafeMutablePointer<T> {
        require(T.dtype == dtype, "elements", [self], "are not of type \(T.dtype)")
        return storage.address.assumingMemoryBound(to: T.self) + offset
    }

    /// Where element `index` lies, for loops that were picked by the dtype.
    @inline(__always)
    func at(_ index: Int) -> UnsafeMutableRawPointer { storage.address + (offset + index) * dtype.byteCount }

    var bytes: UnsafeMutableRawPointer { at(0) }

    /// Memory for writing in place: copies first if anybody else refers to it. The tensor is a constant then.
    mutating func uniqueBytes() -> UnsafeMutableRawPointer {
        tape = nil
        if !isKnownUniquelyReferenced(&storage) || !storage.isExclusive {
            let copy = Storage(byteCount: count * dtype.byteCount)
            copy.address.copyMemory(from: bytes, byteCount: count * dtype.byteCount)
            self = Tensor(storage: copy, offset: 0, shape: shape, dtype: dtype)
        }
        return bytes
    }

    /// Reads the raw bytes of the elements, row-major, little-endian on all supported machines.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withExtendedLifetime(self) {
            try body(UnsafeRawBufferPointer(start: bytes, count: count * dtype.byteCount))
        }
    }

    /// A tensor over memory that somebody else owns, such as a mapped file, without copying.
    ///
    /// - Parameters:
    ///   - address: The first element; aligned for `dtype`, else the content is copied.
    ///   - shape: Of the tensor.
    ///   - dtype: Of the elements that lie there.
    ///   - owner: Kept alive as long as any tensor refers to the memory.
    ///   - isExclusive: The caller vouches that nobody else makes a tensor of this memory, and that it is writable: updates
    ///     in place then go there. Otherwise they copy first.
    public init(
        sharing address: UnsafeMutableRawPointer, shape: [Int], dtype: DType, owner: AnyObject, isExclusive: Bool = false
    ) {
        let byteCount = shape.product * dtype.byteCount
        if Int(bitPattern: address) % dtype.byteCount == 0 {
            let storage = Storage(address: address, byteCount: byteCount, owner: owner, isExclusive: isExclusive)
            self.init(storage: storage, offset: 0, shape: shape, dtype: dtype)
        } else {
            self.init(uninitialized: shape, dtype: dtype)
            withExtendedLifetime(owner) { bytes.copyMemory(from: address, byteCount: byteCount) }
        }
    }

    /// Consecutive elements of the flattened tensor as a new shape, sharing the memory. Records nothing.
    func view(from first: Int, shape: [Int]) -> Tensor {
        Tensor(storage: storage, offset: offset + first, shape: shape, dtype: dtype)
    }
}
