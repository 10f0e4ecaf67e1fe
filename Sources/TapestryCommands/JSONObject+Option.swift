import Tapestry

extension JSONObject {
    /// An object that somebody wrote as the value of an option.
    ///
    /// - Throws: `UsageError`.
    init(option: String, _ text: String) throws {
        let value: JSONValue
        do {
            value = try JSONValue.parse(Array(text.utf8))
        } catch {
            throw UsageError("\(option): not valid JSON: \(error)")
        }
        guard case .object(let object) = value else {
            throw UsageError("\(option): an object was expected, such as '{\"scale\": 5}', not \(text)")
        }
        self = object
    }
}
