import Foundation

extension Error {
    /// What the system said of a failed call, where Foundation wraps it into less.
    package var systemReason: String {
        let cause = (self as NSError).userInfo[NSUnderlyingErrorKey] as? any Error ?? self
        guard let code = (cause as? POSIXError)?.code else { return cause.localizedDescription }
        return String(cString: strerror(code.rawValue))
    }
}
