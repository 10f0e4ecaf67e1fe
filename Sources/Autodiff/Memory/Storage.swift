/// The reference-counted memory of tensors.
///
/// It is written only while exactly one tensor refers to it; that is what makes sharing it safe.
final class Storage: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
    let byteCount: Int
    private let block: CachingAllocator.Block?
    /// Whatever keeps foreign memory alive, such as a mapped file.
    private let owner: AnyObject?
    /// Whether the memory is this storage's alone, so that its only tensor may write to it.
    let isExclusive: Bool

    /// New memory with undefined content.
    init(byteCount: Int) {
        let block = CachingAllocator.allocate(byteCount)
        self.block = block
        self.address = block.address
        self.byteCount = byteCount
        self.owner = nil
        isExclusive = true
    }

    /// Memory that belongs to `owner` and may be read as long as `owner` lives; written to if it is exclusive.
    init(address: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject, isExclusive: Bool) {
        self.block = nil
        self.address = address
        self.byteCount = byteCount
        self.owner = owner
        self.isExclusive = isExclusive
    }

    deinit {
        if let block { CachingAllocator.release(block) }
    }
}
