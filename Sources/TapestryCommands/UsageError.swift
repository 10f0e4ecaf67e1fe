import Losses

/// Something that was asked for wrongly; exit code 2.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// What `body` gives; where it names a loss, an option or a value that does not exist, that is wrong usage.
    static func forLoss<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as LossInputError {
            throw UsageError(error.description)
        }
    }
}
