#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Large blocks out of one range of addresses, lowest first, with free neighbors merged.
///
/// Batches of different lengths ask for a different size at every step. Lists by size would keep a set of blocks
/// for each; cut out of one range, what one size frees serves any other. The system gives memory to pages as they are first
/// written, in huge pages where it can.
struct LargeBlockArena {
    private var base: UnsafeMutableRawPointer?
    /// Free ranges of offsets, ascending, none next to another.
    private var free: [Range<Int>] = []
    /// Beyond this nothing was ever used.
    private var frontier = 0

    private static let reservedByteCount = 1 << 38
    private static let unit = 1 << 12

    static func rounded(_ byteCount: Int) -> Int { (byteCount + unit - 1) / unit * unit }

    /// Nil where the system does not give the range, or it is used up.
    mutating func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        if base == nil { reserve() }
        guard let base else { return nil }
        let wanted = Self.rounded(byteCount)
        if let i = free.firstIndex(where: { $0.count >= wanted }) {
            let start = free[i].lowerBound
            if free[i].count == wanted { free.remove(at: i) } else { free[i] = start + wanted..<free[i].upperBound }
            return base + start
        }
        // Grow out of the last free range, if it reaches the frontier.
        var start = frontier
        if let last = free.last, last.upperBound == frontier {
            start = last.lowerBound
            free.removeLast()
        }
        guard start + wanted <= Self.reservedByteCount else { return nil }
        frontier = start + wanted
        return base + start
    }

    mutating func release(_ address: UnsafeMutableRawPointer, _ byteCount: Int) {
        guard let base else { return }
        var range = address - base..<address - base + Self.rounded(byteCount)
        var i = free.firstIndex { $0.lowerBound > range.lowerBound } ?? free.count
        if i < free.count && free[i].lowerBound == range.upperBound {
            range = range.lowerBound..<free[i].upperBound
            free.remove(at: i)
        }
        if i > 0 && free[i - 1].upperBound == range.lowerBound {
            range = free[i - 1].lowerBound..<range.upperBound
            free.remove(at: i - 1)
            i -= 1
        }
        free.insert(range, at: i)
    }

    /// Gives the pages of all free ranges back to the system.
    func trim() {
        guard let base else { return }
        for range in free { madvise(base + range.lowerBound, range.count, MADV_DONTNEED) }
    }

    private mutating func reserve() {
        #if os(Linux)
            let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        #else
            let flags = MAP_PRIVATE | MAP_ANON
        #endif
        guard let address = mmap(nil, Self.reservedByteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
            address != MAP_FAILED
        else { return }
        #if os(Linux)
            madvise(address, Self.reservedByteCount, 14)  // MADV_HUGEPAGE; a kernel without them says no, which is fine
        #endif
        base = address
    }
}
