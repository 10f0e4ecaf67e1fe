extension JSON {
    /// The value as UTF-8 text, indented by two spaces a level, with a line break at the end; only what JSON
    /// demands is escaped.
    func serialized() -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output, level: 0)
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private func write(to output: inout [UInt8], level: Int) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .integer(let value): output += String(value).utf8
        case .number(let value): output += String(value).utf8
        case .string(let value): JSON.write(value, to: &output)
        case .array(let elements):
            JSON.write(elements, between: "[", "]", to: &output, level: level) { element, output in
                element.write(to: &output, level: level + 1)
            }
        case .object(let members):
            JSON.write(members, between: "{", "}", to: &output, level: level) { member, output in
                JSON.write(member.key, to: &output)
                output += ": ".utf8
                member.value.write(to: &output, level: level + 1)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between opening: String, _ closing: String, to output: inout [UInt8], level: Int,
        each: (Element, inout [UInt8]) -> Void
    ) {
        output += opening.utf8
        for (index, element) in elements.enumerated() {
            output += (index == 0 ? "\n" : ",\n").utf8
            output += repeatElement(UInt8(ascii: " "), count: 2 * (level + 1))
            each(element, &output)
        }
        if !elements.isEmpty {
            output.append(UInt8(ascii: "\n"))
            output += repeatElement(UInt8(ascii: " "), count: 2 * level)
        }
        output += closing.utf8
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        let hexadecimal = Array("0123456789abcdef".utf8)
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output += "\\\"".utf8
            case UInt8(ascii: "\\"): output += "\\\\".utf8
            case 0x0A: output += "\\n".utf8
            case 0x0D: output += "\\r".utf8
            case 0x09: output += "\\t".utf8
            case 0..<0x20:
                output += "\\u00".utf8
                output += [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
