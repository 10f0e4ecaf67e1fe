import Tapestry
import Yams

extension JSONValue {
    /// What a part of a YAML file says. Words in quotes are texts; others are null, true, false, a number or a text.
    init(_ node: Node) throws {
        switch node {
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, value) in mapping {
                guard let name = key.string else { throw UsageError("a key in a YAML file is no text") }
                object[name] = try JSONValue(value)
            }
            self = .object(object)
        case .sequence(let elements):
            self = .array(try elements.map { try JSONValue($0) })
        case .scalar(let scalar):
            self = scalar.style == .plain || scalar.style == .any ? Self(plain: scalar.string) : .string(scalar.string)
        }
    }

    private init(plain word: String) {
        if ["", "~"].contains(word) {
            self = .null
        } else if let value = try? JSONValue.parse(Array(word.utf8)) {
            self = value
        } else if let first = word.utf8.first, "+-.0123456789".utf8.contains(first), let number = Double(word), number.isFinite {
            self = .real(number)
        } else {
            self = .string(word)
        }
    }
}
