import Tapestry
import Yams

extension JSONValue {
    /// What a part of a YAML file says. Words in quotes are texts; others are null, true, false, a number or a text.
    init(_ node: Node) throws {
        var parts = 0
        try self.init(node, parts: &parts)
    }

    /// References may repeat a part that repeats others, so that a short file stands for more than memory holds.
    private static let mostParts = 100_000

    private init(_ node: Node, parts: inout Int) throws {
        parts += 1
        guard parts <= Self.mostParts else { throw UsageError("a YAML file stands for more than \(Self.mostParts) values") }
        switch node {
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, value) in mapping {
                guard let name = key.string else { throw UsageError("a key in a YAML file is no text") }
                object[name] = try JSONValue(value, parts: &parts)
            }
            self = .object(object)
        case .sequence(let elements):
            self = .array(try elements.map { try JSONValue($0, parts: &parts) })
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
