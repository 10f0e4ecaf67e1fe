import Foundation

/// What a stream can show: whether it is a terminal, how wide, and whether colors are welcome.
///
/// It is a plain value, made once where output begins and passed on, so that nothing below it asks the
/// environment.
public struct Console: Sendable, Equatable {
    /// Whether a line can be redrawn in place.
    public var isTerminal: Bool
    /// Columns of a line, at least 1.
    public var width: Int
    /// Whether escape codes for color and bold may be written.
    public var usesColor: Bool

    /// A console of given abilities, whatever the process writes to.
    public init(isTerminal: Bool, width: Int = 80, usesColor: Bool = false) {
        self.isTerminal = isTerminal
        self.width = max(1, width)
        self.usesColor = usesColor
    }

    /// The process's standard error, as it is now.
    public static var standardError: Console { Console(fileDescriptor: STDERR_FILENO) }

    /// The process's standard output, as it is now.
    public static var standardOutput: Console { Console(fileDescriptor: STDOUT_FILENO) }

    /// - Parameters:
    ///   - fileDescriptor: An open file; when it is no terminal, the width is 80 and there is no color.
    ///   - environment: `NO_COLOR` (any text that is not empty) and `TERM=dumb` turn colors off.
    public init(
        fileDescriptor: Int32,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let isTerminal = isatty(fileDescriptor) == 1
        var size = winsize()
        let isMeasured = isTerminal && ioctl(fileDescriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        self.init(
            isTerminal: isTerminal,
            width: isMeasured ? Int(size.ws_col) : 80,
            usesColor: isTerminal && Console.allowsColor(environment)
        )
    }

    /// Whether the environment lets a terminal have colors.
    static func allowsColor(_ environment: [String: String]) -> Bool {
        environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    /// Writes to standard error, at once and unbuffered, after what was printed before.
    @Sendable public static func writeToStandardError(_ text: String) {
        fflush(nil)
        // A closed pipe must not end hours of training, and there is no other place to complain to.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Seconds on a clock that never goes backwards; only differences mean something.
    @Sendable public static func monotonicSeconds() -> Double {
        ProcessInfo.processInfo.systemUptime
    }
}
