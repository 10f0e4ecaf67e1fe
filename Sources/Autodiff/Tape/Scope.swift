import CKernels

/// What is open on a thread: a tape, and tensors that stand in for the values of objects such as parameters.
///
/// Scopes form a list from the innermost out, which their thread alone sees.
package final class Scope {
    private let tape: Tape?
    private let substitutes: [ObjectIdentifier: Tensor]
    private let outer: Scope?

    private init(tape: Tape?, substitutes: [ObjectIdentifier: Tensor], outer: Scope?) {
        self.tape = tape
        self.substitutes = substitutes
        self.outer = outer
    }

    private static var innermost: Scope? {
        tap_current_thread().pointee.scope.map { Unmanaged<Scope>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The innermost open tape of this thread; nil if there is none, or while it plays back what it recorded.
    static var innermostTape: Tape? {
        guard let tape = innermost?.tape, tape.isRecording else { return nil }
        return tape
    }

    /// What stands in for the value of an object on this thread.
    package static func substitute(for object: AnyObject) -> Tensor? {
        var scope = innermost
        while let current = scope {
            if let tensor = current.substitutes[ObjectIdentifier(object)] { return tensor }
            scope = current.outer
        }
        return nil
    }

    /// Opens a scope for the length of `body`, on this thread.
    package static func open<R>(
        tape: Tape? = nil, substitutes: [ObjectIdentifier: Tensor] = [:], _ body: () throws -> R
    ) rethrows -> R {
        let thread = tap_current_thread()!
        let outer = thread.pointee.scope
        let scope = Scope(tape: tape ?? innermost?.tape, substitutes: substitutes, outer: innermost)
        return try withExtendedLifetime(scope) {
            thread.pointee.scope = Unmanaged.passUnretained(scope).toOpaque()
            defer { thread.pointee.scope = outer }
            return try body()
        }
    }
}
