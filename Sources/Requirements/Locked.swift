import Foundation

/// A value that one thread at a time can reach.
///
/// On Foundation's lock, because the thread sanitizer sees it; that of the standard library it takes for no lock at all.
/// Public, since only what is public is inlined into other modules: the allocator takes it twice an operation.
public final class Locked<Value>: @unchecked Sendable {
    @usableFromInline let lock = NSLock()
    // The lock is what keeps accesses apart.
    @usableFromInline @exclusivity(unchecked) var value: Value

    /// Holds a value that threads share.
    public init(_ value: sending Value) { self.value = value }

    /// Reads or changes the value; no other thread does meanwhile. `body` must not come back to the same lock.
    @inlinable @inline(__always)
    public func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }

    /// Nil, at once, where another thread is at it.
    @inlinable @inline(__always)
    public func withLockIfAvailable<R>(_ body: (inout Value) throws -> R) rethrows -> R? {
        guard lock.try() else { return nil }
        defer { lock.unlock() }
        return try body(&value)
    }
}
