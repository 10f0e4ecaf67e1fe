import Requirements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Zeroed memory of which only the pages that are written cost anything.
final class ZeroPages {
    let address: UnsafeMutableRawPointer

    init(byteCount: Int) {
        guard let address = calloc(max(1, byteCount), 1) else { refuse("Out of memory: \(byteCount) bytes were asked for.") }
        self.address = address
    }

    deinit { free(address) }
}
