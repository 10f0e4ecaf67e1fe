import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Hands out 64-byte aligned memory and keeps what is given back for the next request of that size.
///
/// Freshly mapped pages cost more than the arithmetic on them, and a training step asks for the same sizes again
/// and again. Sizes are rounded up to classes, four to each power of two. Safe to use from any thread.
public enum CachingAllocator {
    /// Figures about the memory that tensors use, in bytes.
    public struct Statistics: Sendable, Equatable {
        /// Held by living tensors.
        public var bytesInUse = 0
        /// Kept for reuse.
        public var bytesCached = 0
        /// The largest `bytesInUse` since the start or the last `resetHighWaterMark()`.
        public var highWaterMark = 0
    }

    public static var statistics: Statistics { state.withLock { $0.statistics } }

    /// Starts a new measurement of the high-water mark.
    public static func resetHighWaterMark() {
        state.withLock { $0.statistics.highWaterMark = $0.statistics.bytesInUse }
    }

    /// Gives all memory that is kept for reuse back to the operating system.
    public static func trim() {
        let blocks = state.withLock { state in
            let blocks = state.free.flatMap { $0 }
            state.free = State().free
            state.statistics.bytesCached = 0
            return blocks
        }
        for block in blocks { free(block.address) }
    }

    /// A block of memory: where it is, and its size class.
    struct Block: @unchecked Sendable {
        var address: UnsafeMutableRawPointer
        var sizeClass: Int
    }

    static func allocate(_ byteCount: Int) -> Block {
        let wanted = sizeClass(of: byteCount)
        let cached: Block? = state.withLock { state in
            // A block one class up (a quarter larger) is better than fresh pages.
            for sizeClass in wanted...min(wanted + 1, classCount - 1) {
                guard let block = state.free[sizeClass].popLast() else { continue }
                let bytes = size(ofClass: sizeClass)
                state.statistics.bytesCached -= bytes
                state.noteAllocation(bytes)
                return block
            }
            state.noteAllocation(size(ofClass: wanted))
            return nil
        }
        if let cached { return cached }
        var address: UnsafeMutableRawPointer?
        let bytes = size(ofClass: wanted)
        let status = posix_memalign(&address, 64, bytes)
        guard status == 0, let address else { fatalError("Out of memory: \(bytes) bytes were asked for.") }
        return Block(address: address, sizeClass: wanted)
    }

    static func release(_ block: Block) {
        let bytes = size(ofClass: block.sizeClass)
        state.withLock { state in
            state.statistics.bytesInUse -= bytes
            state.statistics.bytesCached += bytes
            state.free[block.sizeClass].append(block)
        }
    }

    private struct State {
        var free = [[Block]](repeating: [], count: classCount)
        var statistics = Statistics()

        mutating func noteAllocation(_ bytes: Int) {
            statistics.bytesInUse += bytes
            if statistics.bytesInUse > statistics.highWaterMark { statistics.highWaterMark = statistics.bytesInUse }
        }
    }

    private static let state = Mutex(State())
    private static let classCount = 4 * 50

    /// Class `4 e + q` holds `(4 + q) 2^e` units of 64 / 4 bytes: 64, 80, 96, 112, 128, 160 …
    private static func sizeClass(of byteCount: Int) -> Int {
        let units = max(4, (byteCount + 15) / 16)
        let exponent = Int.bitWidth - 1 - units.leadingZeroBitCount - 2
        let quarter = (units - 1) >> exponent
        // A power of two itself has quarter 3 of the octave below: one past the end of that class.
        return units == 4 << exponent ? 4 * exponent : 4 * exponent + quarter - 3
    }

    private static func size(ofClass sizeClass: Int) -> Int {
        ((4 + sizeClass % 4) << (sizeClass / 4)) * 16
    }
}
