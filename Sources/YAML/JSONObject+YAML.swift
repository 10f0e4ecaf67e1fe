import Foundation
import JSON

extension JSONObject {
    /// The object as YAML, a key or an element a line, without a line feed at the end.
    ///
    /// Texts stand in double quotes unless every reader takes them for texts as they are.
    package var yaml: String { Self.lines(self, "").joined(separator: "\n") }

    private static func lines(_ object: JSONObject, _ indentation: String) -> [String] {
        object.members.flatMap { key, value -> [String] in
            let head = indentation + scalar(key) + ":"
            switch value {
            case .object(let object) where !object.isEmpty: return [head] + lines(object, indentation + "  ")
            case .array(let elements) where !elements.isEmpty: return [head] + lines(elements, indentation)
            default: return [head + " " + leaf(value)]
            }
        }
    }

    private static func lines(_ elements: [JSONValue], _ indentation: String) -> [String] {
        elements.flatMap { element -> [String] in
            var inner: [String]
            switch element {
            case .object(let object) where !object.isEmpty: inner = lines(object, indentation + "  ")
            case .array(let elements) where !elements.isEmpty: inner = lines(elements, indentation + "  ")
            default: return [indentation + "- " + leaf(element)]
            }
            // The first line of what is inside begins on the line of its dash.
            inner[0] = indentation + "- " + inner[0].dropFirst(indentation.count + 2)
            return inner
        }
    }

    private static func leaf(_ value: JSONValue) -> String {
        if case .string(let text) = value { scalar(text) } else { value.serialized(.compact) }
    }

    private static func scalar(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    /// Words, paths and names with hyphens, which are no number, date, null or truth value of any version of YAML.
    private static func isPlain(_ text: String) -> Bool {
        guard text.wholeMatch(of: #/[A-Za-z_][A-Za-z0-9_.\/+-]*(?:[ :@](?![ :@])[A-Za-z0-9_.\/+-]+)*/#) != nil else { return false }
        return !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            // What YAML's readers do not print: controls, line separators, the byte-order mark, what is no character.
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                result += String(format: "\\u%04X", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
