/// How a JSON text is laid out.
public struct JSONStyle: Sendable, Equatable {
    /// Blanks per level; nil puts everything on one line.
    public var indentation: Int?
    /// Sorts keys by their bytes instead of keeping their order.
    public var sortsKeys: Bool

    /// A style; without an indentation all stands on one line.
    public init(indentation: Int?, sortsKeys: Bool) {
        self.indentation = indentation
        self.sortsKeys = sortsKeys
    }

    /// All on one line.
    public static let compact = JSONStyle(indentation: nil, sortsKeys: false)
}

extension JSONValue {
    /// The value as JSON text. Slashes and characters beyond ASCII stand as they are.
    public func serialized(_ style: JSONStyle) -> String {
        var text = ""
        write(to: &text, style, level: 0)
        return text
    }

    private func write(to text: inout String, _ style: JSONStyle, level: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.literal
        case .string(let value): Self.writeString(value, to: &text)
        case .array(let values):
            Self.writeList(values, "[", "]", to: &text, style, level) { value, text in
                value.write(to: &text, style, level: level + 1)
            }
        case .object(let object):
            let members =
                style.sortsKeys
                ? object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } : object.members
            Self.writeList(members, "{", "}", to: &text, style, level) { member, text in
                Self.writeString(member.key, to: &text)
                text += style.indentation == nil ? ":" : ": "
                member.value.write(to: &text, style, level: level + 1)
            }
        }
    }

    private static func writeList<Element>(
        _ elements: [Element], _ opening: String, _ closing: String, to text: inout String,
        _ style: JSONStyle, _ level: Int, _ writeElement: (Element, inout String) -> Void
    ) {
        text += opening
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            breakLine(style, level + 1, &text)
            writeElement(element, &text)
        }
        if !elements.isEmpty { breakLine(style, level, &text) }
        text += closing
    }

    private static func breakLine(_ style: JSONStyle, _ level: Int, _ text: inout String) {
        guard let indentation = style.indentation else { return }
        text += "\n" + String(repeating: " ", count: indentation * level)
    }

    private static func writeString(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
