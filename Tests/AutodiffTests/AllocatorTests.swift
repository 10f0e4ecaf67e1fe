@testable import Autodiff
import Testing

/// Memory of the allocator, small and large; other tests run beside these, so only what cannot be theirs is asserted.
struct AllocatorTests {
    @Test(arguments: [1, 63, 64, 65, 80, 81, 1000, 4096, 100_000, 600_000, 3_000_000])
    func blocksAreAlignedAndLargeEnough(_ byteCount: Int) {
        let block = CachingAllocator.allocate(byteCount)
        defer { CachingAllocator.release(block) }
        #expect(block.byteCount >= byteCount)
        #expect(Int(bitPattern: block.address) % 16 == 0)
        block.address.initializeMemory(as: UInt8.self, repeating: 7, count: byteCount)
    }

    @Test func livingBlocksDoNotOverlap() {
        var ranges: [Range<Int>] = []
        var blocks: [CachingAllocator.Block] = []
        for i in 0..<60 {
            let block = CachingAllocator.allocate(700_000 + 9_000 * (i * 37 % 23))
            blocks.append(block)
            if i % 3 == 2 { CachingAllocator.release(blocks.remove(at: i % blocks.count)) }
        }
        for block in blocks {
            let start = Int(bitPattern: block.address)
            ranges.append(start..<start + block.byteCount)
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        for (a, b) in zip(ranges, ranges.dropFirst()) { #expect(a.upperBound <= b.lowerBound) }
        for block in blocks { CachingAllocator.release(block) }
    }

    @Test func highWaterMarkCoversALargeTensor() {
        let tensor = Tensor.zeros([5_000_000])
        #expect(CachingAllocator.statistics.bytesInUse >= 20_000_000)
        #expect(CachingAllocator.statistics.highWaterMark >= 20_000_000)
        #expect(tensor.count == 5_000_000)
    }

    @Test func trimmedMemoryIsUsableAgain() {
        _ = Tensor.ones([1_000_000])
        CachingAllocator.trim()
        #expect(Tensor.ones([1_000_000]).sum().item == 1_000_000)
    }
}
