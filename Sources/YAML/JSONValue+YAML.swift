import JSON
import Yams

/// What is wrong with a YAML text.
public struct YAMLError: Error, CustomStringConvertible, Sendable {
    public let description: String
}

extension JSONValue {
    /// Reads a YAML text; an empty one is null.
    ///
    /// - Throws: `YAMLError`.
    package init(yaml text: String) throws(YAMLError) {
        guard let node = try Node(yaml: text) else {
            self = .null
            return
        }
        try self.init(node)
    }

    /// What a part of a YAML text says. Words in quotes are texts; others are null, true, false, a number or a text.
    package init(_ node: Node) throws(YAMLError) {
        var budget = 1_000_000
        try self.init(node, &budget)
    }

    /// - Parameter budget: How many more values there may be: one that is repeated by its name counts each time.
    private init(_ node: Node, _ budget: inout Int) throws(YAMLError) {
        budget -= 1
        guard budget > 0 else { throw YAMLError(description: "holds more than a million values") }
        switch node {
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, value) in mapping {
                guard let name = key.string else { throw YAMLError(description: "a key in a YAML file is no text") }
                object[name] = try JSONValue(value, &budget)
            }
            self = .object(object)
        case .sequence(let elements):
            var values: [JSONValue] = []
            for element in elements { values.append(try JSONValue(element, &budget)) }
            self = .array(values)
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

extension Node {
    /// The parser of YAML calls itself for each level, which the stack has to hold.
    private static let deepest = 200

    /// Reads a text; nil where it is empty.
    package init?(yaml text: String) throws(YAMLError) {
        guard Self.mostLevels(in: text) <= Self.deepest else {
            throw YAMLError(description: "is nested more than \(Self.deepest) levels deep")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw YAMLError(description: "\(error)")
        }
        guard let root else { return nil }
        self = root
    }

    /// At least as many as the levels that a YAML text has: brackets that are open, and what a line begins with.
    private static func mostLevels(in text: String) -> Int {
        var (open, brackets, indentation) = (0, 0, 0)
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            indentation = max(indentation, line.prefix { " -?:\t\r".utf8.contains($0) }.count)
            for byte in line {
                if "[{".utf8.contains(byte) { open += 1 } else if "]}".utf8.contains(byte) { open = max(0, open - 1) }
                brackets = max(brackets, open)
            }
        }
        return brackets + indentation
    }
}
