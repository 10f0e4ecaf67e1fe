import CCodecs
import JSON

/// The objects of a JSON file, one after another: of its list, or of the list under a key.
struct JSONArrayFile {
    private let bytes: [UInt8]
    private let source: String
    private var position: Int
    private var line = 1
    /// Up to where lines have been counted.
    private var counted = 0

    init(_ bytes: [UInt8], source: String) {
        (self.bytes, self.source) = (bytes, source)
        position = UTF8Text.start(of: bytes)
    }

    /// Calls `body` for each object.
    ///
    /// - Parameter field: The key that holds the list; nil: the file is a list, or an object with one list of objects.
    /// - Throws: `DatasetError`, or what `body` does.
    mutating func forEach(field: String?, _ body: (JSONObject) throws -> Void) throws {
        skipBlanks()
        switch current {
        case UInt8(ascii: "[") where field == nil:
            try list(body)
            try requireEnd()
        case UInt8(ascii: "{"):
            let start = try listPosition(field)
            position = start
            try list(body)
        case UInt8(ascii: "[")?: throw refuse("the file is a list, which has no key \"\(field!)\"")
        case nil: throw refuse("the file is empty; it needs a list of objects")
        default: throw refuse("a JSON file of rows is a list of objects, or an object that holds one, found " + found)
        }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
    private var found: String { UTF8Text.character(at: position, in: bytes) }

    private mutating func refuse(_ problem: String) -> DatasetError {
        countLines()
        return DatasetError(problem, source: source, line: line)
    }

    private mutating func countLines() {
        let end = min(position, bytes.count)
        if counted < end { line += bytes[counted..<end].count { $0 == UTF8Text.lineFeed } }
        counted = max(counted, end)
    }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func requireEnd() throws {
        skipBlanks()
        guard position == bytes.count else { throw refuse("there is text after the value's end, found " + found) }
    }

    private mutating func parse(_ range: Range<Int>) throws -> JSONValue {
        countLines()
        do {
            return try JSONValue.parse(bytes, in: range, line: line)
        } catch {
            throw DatasetError(
                UTF8Text.firstInvalidPosition(in: bytes, range) != nil
                    ? UTF8Text.problem(in: bytes, range) : "\(error.problem), at byte \(error.column) of the line",
                source: source, line: error.line)
        }
    }

    /// Where the value ends that begins at the position, as far as brackets and strings tell.
    private func end(ofValueAt start: Int) -> Int {
        var depth = 0, index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = scan_json_string(bytes, index + 1, bytes.count)
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                    index = scan_json_string(bytes, index + (bytes[index] == UInt8(ascii: "\\") ? 2 : 1), bytes.count)
                }
                index += 1
                if depth == 0 { return min(index, bytes.count) }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
                if depth < 0 { return index }
            case UInt8(ascii: ",") where depth == 0: return index
            default: break
            }
            index += 1
        }
        return bytes.count
    }

    private mutating func list(_ body: (JSONObject) throws -> Void) throws {
        position += 1
        skipBlanks()
        if current == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "{") else {
                throw refuse("each element of the list must be an object, found " + (current == nil ? "the end" : found))
            }
            let end = end(ofValueAt: position)
            guard case .object(let object) = try parse(position..<end), !object.isEmpty else {
                throw refuse("the object has no keys; it needs at least one")
            }
            try body(object)
            position = end
            skipBlanks()
            guard let byte = current, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else {
                throw refuse(current == nil ? "the text ends inside a list" : "\",\" or \"]\" was expected, found " + found)
            }
            position += 1
            if byte == UInt8(ascii: "]") { return }
        }
    }

    /// Where the list of objects begins in an object, all of which is checked.
    private mutating func listPosition(_ field: String?) throws -> Int {
        var lists: [(key: String, position: Int)] = []
        var keys: [String] = []
        let rest = position
        position += 1
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else {
                if keys.isEmpty, current == UInt8(ascii: "}") { break }
                throw refuse("a key in quotes was expected, found " + (current == nil ? "the end" : found))
            }
            let keyEnd = end(ofValueAt: position)
            guard case .string(let key) = try parse(position..<keyEnd) else { throw refuse("a key in quotes was expected") }
            position = keyEnd
            skipBlanks()
            guard current == UInt8(ascii: ":") else { throw refuse("\":\" was expected after the key \"\(key)\"") }
            position += 1
            skipBlanks()
            let start = position, valueEnd = end(ofValueAt: start)
            keys.append(key)
            if current == UInt8(ascii: "["),
                bytes[(start + 1)..<valueEnd].first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{")
            {
                lists.append((key, start))
            } else {
                _ = try parse(start..<valueEnd)
            }
            position = valueEnd
            skipBlanks()
            guard let byte = current, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
                throw refuse(current == nil ? "the text ends inside an object" : "\",\" or \"}\" was expected, found " + found)
            }
            if byte == UInt8(ascii: "}") { break }
            position += 1
        }
        position += 1
        try requireEnd()
        (position, counted, line) = (rest, UTF8Text.start(of: bytes), 1)
        if let field {
            guard let list = lists.first(where: { $0.key == field }) else {
                throw refuse("the key \"\(field)\" holds no list of objects; the keys are \(Dataset.list(keys))")
            }
            return list.position
        }
        guard lists.count == 1 else {
            throw refuse(
                lists.isEmpty
                    ? "no key of the object holds a list of objects; the keys are \(Dataset.list(keys))"
                    : "several keys hold lists of objects, \(Dataset.list(lists.map(\.key))); say which by field")
        }
        return lists[0].position
    }
}
