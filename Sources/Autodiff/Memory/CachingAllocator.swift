import Requirements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Hands out 64-byte aligned memory and keeps what is given back for the next request.
///
/// Freshly mapped pages cost more than the arithmetic on them, and a training step asks for the same again and again.
/// Small sizes are rounded up to classes, four to each power of two, with a list for each; large blocks are cut
/// out of one arena. Safe to use from any thread.
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

    /// The figures at this moment.
    public static var statistics: Statistics { state.withLock { $0.statistics } }

    /// Starts a new measurement of the high-water mark.
    public static func resetHighWaterMark() {
        state.withLock { $0.statistics.highWaterMark = $0.statistics.bytesInUse }
    }

    /// Gives all memory that is kept for reuse back to the operating system.
    public static func trim() {
        let blocks = state.withLock { state in
            let blocks = state.free.flatMap { $0 }
            state.free = [[Block]](repeating: [], count: largestClass + 1)
            state.arena.trim()
            state.statistics.bytesCached = 0
            return blocks
        }
        for block in blocks { free(block.address) }
    }

    /// A block of memory: where it is, and how large.
    struct Block: @unchecked Sendable {
        let address: UnsafeMutableRawPointer
        let byteCount: Int
        let origin: Origin

        enum Origin { case sizeClass(Int), arena, system }
    }

    static func allocate(_ byteCount: Int) -> Block {
        let sizeClass = sizeClass(of: byteCount)
        if sizeClass > largestClass { return allocateLarge(byteCount) }
        let bytes = size(ofClass: sizeClass)
        let cached = state.withLock { state in
            let cached = state.free[sizeClass].popLast()
            state.note(allocated: bytes, wasCached: cached != nil)
            return cached
        }
        return cached ?? Block(address: systemMemory(bytes), byteCount: bytes, origin: .sizeClass(sizeClass))
    }

    private static func allocateLarge(_ byteCount: Int) -> Block {
        let bytes = LargeBlockArena.rounded(byteCount)
        let address: UncheckedAddress? = state.withLock { state in
            let address = state.arena.allocate(bytes)
            state.note(allocated: bytes, wasCached: state.statistics.bytesCached >= bytes)
            return address.map { UncheckedAddress(value: $0) }
        }
        if let address { return Block(address: address.value, byteCount: bytes, origin: .arena) }
        return Block(address: systemMemory(bytes), byteCount: bytes, origin: .system)
    }

    static func release(_ block: Block) {
        state.withLock { state in
            state.statistics.bytesInUse -= block.byteCount
            switch block.origin {
            case .sizeClass(let sizeClass):
                state.free[sizeClass].append(block)
                state.statistics.bytesCached += block.byteCount
            case .arena:
                state.arena.release(block.address, block.byteCount)
                state.statistics.bytesCached += block.byteCount
            case .system:
                break
            }
        }
        if case .system = block.origin { free(block.address) }
    }

    private struct UncheckedAddress: @unchecked Sendable { let value: UnsafeMutableRawPointer }

    private struct State {
        var free = [[Block]](repeating: [], count: largestClass + 1)
        var arena = LargeBlockArena()
        var statistics = Statistics()

        mutating func note(allocated bytes: Int, wasCached: Bool) {
            statistics.bytesInUse += bytes
            if wasCached { statistics.bytesCached -= bytes }
            if statistics.bytesInUse > statistics.highWaterMark { statistics.highWaterMark = statistics.bytesInUse }
        }
    }

    private static let state = Locked(State())
    /// Blocks above half a megabyte come from the arena.
    private static let largestClass = 4 * 13

    private static func systemMemory(_ byteCount: Int) -> UnsafeMutableRawPointer {
        var address: UnsafeMutableRawPointer?
        guard posix_memalign(&address, 64, byteCount) == 0, let address else {
            refuse("Out of memory: \(byteCount) bytes were asked for.")
        }
        return address
    }

    /// Class `4 e + q` holds `(4 + q) 2^e` units of 16 bytes: 64, 80, 96, 112, 128, 160 …
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
