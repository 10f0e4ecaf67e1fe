/// Ends the program with a message, in release builds too, unless a condition holds: for mistakes of the program.
package func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { refuse(message()) }
}

/// Ends the program with a message, in release builds too.
package func refuse(_ message: String) -> Never {
    Refusals.observer.withLock { $0 }?(message)
    fatalError(message)
}

/// Lets tests see refusals.
package enum Refusals {
    /// Called with the message before the program ends; it may end the thread instead.
    package static let observer = Locked<(@Sendable (String) -> Void)?>(nil)
}
