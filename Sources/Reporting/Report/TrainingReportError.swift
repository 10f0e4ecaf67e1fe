import Tables

/// A report that could not be written.
public struct TrainingReportError: Error, CustomStringConvertible, Sendable {
    /// The file that was to be written.
    public let path: String
    /// What the system said.
    public let reason: String

    init(path: String, underlying: any Error) {
        self.path = path
        reason = underlying.systemReason
    }

    public var description: String {
        "cannot write the training report to \(path): \(reason); "
            + "give the path of a file in a folder that exists and may be written to"
    }
}
