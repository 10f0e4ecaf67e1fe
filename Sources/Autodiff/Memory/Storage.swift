import CKernels
import Requirements
import Synchronization

/// The reference-counted memory of tensors.
///
/// It is written only while exactly one tensor refers to it; that is what makes sharing it safe. Float32 numbers that are not
/// needed for a while can be packed: they are rounded to bfloat16, and come back as float32 when they are read.
final class Storage: @unchecked Sendable {
    let byteCount: Int
    // Changed by packing, which nobody else reads meanwhile, and by unpacking, under a lock.
    private var memory: UnsafeMutableRawPointer
    private var block: CachingAllocator.Block?
    private let isPacked = Atomic(false)
    private static let unpacking = Locked(())
    /// Whatever keeps foreign memory alive, such as a mapped file.
    private let owner: AnyObject?
    /// Whether the memory is this storage's alone, so that its only tensor may write to it.
    let isExclusive: Bool

    /// New memory with undefined content.
    init(byteCount: Int) {
        let block = CachingAllocator.allocate(byteCount)
        self.block = block
        memory = block.address
        self.byteCount = byteCount
        self.owner = nil
        isExclusive = true
    }

    /// Memory that belongs to `owner` and may be read as long as `owner` lives; written to if it is exclusive.
    init(address: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject, isExclusive: Bool) {
        self.block = nil
        memory = address
        self.byteCount = byteCount
        self.owner = owner
        self.isExclusive = isExclusive
    }

    /// Where the content lies, for as long as the storage is not packed.
    @inline(__always)
    var address: UnsafeMutableRawPointer {
        if isPacked.load(ordering: .acquiring) { unpack() }
        return memory
    }

    /// Rounds float32 numbers to bfloat16, to the nearest, and lets go of half the memory. Nobody may be at the content meanwhile;
    /// memory of somebody else stays as it is.
    func pack() {
        guard !isPacked.load(ordering: .acquiring) else { return }
        replaceBlock(byteCount: byteCount / 2) { (source: UnsafePointer<Float>, target: UnsafeMutablePointer<UInt16>, count) in
            tap_f32_to_bf16(source, target, count)
        }
    }

    private func unpack() {
        Self.unpacking.withLock { _ in
            guard isPacked.load(ordering: .acquiring) else { return }
            replaceBlock(byteCount: byteCount) { (source: UnsafePointer<UInt16>, target: UnsafeMutablePointer<Float>, count) in
                tap_bf16_to_f32(source, target, count)
            }
        }
    }

    /// Converts all numbers into a new block, which takes the old one's place.
    private func replaceBlock<Old, New>(
        byteCount newCount: Int, _ convert: (UnsafePointer<Old>, UnsafeMutablePointer<New>, Int64) -> Void
    ) {
        guard let old = block else { return }
        let new = CachingAllocator.allocate(newCount)
        let (source, target) = (memory.assumingMemoryBound(to: Old.self), new.address.assumingMemoryBound(to: New.self))
        Parallel.forRanges(byteCount / 4, grain: 1 << 16) { convert(source + $0.lowerBound, target + $0.lowerBound, Int64($0.count)) }
        (block, memory) = (new, new.address)
        CachingAllocator.release(old)
        isPacked.store(newCount < byteCount, ordering: .releasing)
    }

    deinit {
        if let block { CachingAllocator.release(block) }
    }
}
