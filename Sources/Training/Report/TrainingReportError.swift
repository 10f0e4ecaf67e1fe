import Foundation

/// A report that could not be written.
public struct TrainingReportError: Error, CustomStringConvertible, Sendable {
    /// The file that was to be written.
    public let path: String
    /// What the system said.
    public let reason: String

    init(path: String, underlying: any Error) {
        self.path = path
        let cause = (underlying as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? underlying as NSError
        reason = cause.domain == NSPOSIXErrorDomain
            ? String(cString: strerror(Int32(cause.code))) : cause.localizedDescription
    }

    public var description: String {
        "cannot write the training report to \(path): \(reason); "
            + "give the path of a file in a folder that exists and may be written to"
    }
}
