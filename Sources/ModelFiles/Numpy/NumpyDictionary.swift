import JSON

/// The dictionary in a `.npy` header, such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
///
/// Only what NumPy writes is understood: three keys, a string, a truth value and a tuple of integers.
struct NumpyDictionary {
    struct SyntaxError: Error {
        let problem: String
    }

    private(set) var descr = ""
    private(set) var isFortranOrder = false
    private(set) var shape: [Int] = []
    private let text: [UInt8]
    private var position = 0

    init(parsing text: [UInt8]) throws(SyntaxError) {
        self.text = text
        var seen: Set<String> = []
        try expect("{")
        while !skip("}") {
            let key = try string()
            try expect(":")
            guard seen.insert(key).inserted else { throw error("the key '\(key)' appears twice") }
            switch key {
            case "descr": descr = try string()
            case "fortran_order": isFortranOrder = try truth()
            case "shape": shape = try tuple()
            default: throw error("the key \(quoted(key)) is unknown")
            }
            if !skip(",") {
                try expect("}")
                break
            }
        }
        for key in ["descr", "fortran_order", "shape"] where !seen.contains(key) {
            throw error("the key '\(key)' is missing")
        }
        skipBlanks()
        guard position == text.count else { throw error("there is text after the dictionary's end") }
    }

    private func error(_ problem: String) -> SyntaxError {
        SyntaxError(problem: "\(problem) (byte \(position) of the header)")
    }

    private mutating func skipBlanks() {
        while position < text.count, text[position] == 0x20 || text[position] == 0x0A { position += 1 }
    }

    /// Steps over a word if it comes next, after blanks.
    private mutating func skip(_ word: String) -> Bool {
        skipBlanks()
        guard text[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func expect(_ word: String) throws(SyntaxError) {
        guard skip(word) else { throw error("\"\(word)\" was expected") }
    }

    private mutating func string() throws(SyntaxError) -> String {
        let quote: UInt8
        if skip("'") {
            quote = UInt8(ascii: "'")
        } else if skip("\"") {
            quote = UInt8(ascii: "\"")
        } else {
            throw error("a string in quotes was expected (structured arrays are not supported)")
        }
        let start = position
        while position < text.count, text[position] != quote { position += 1 }
        guard position < text.count else { throw error("a string never ends") }
        position += 1
        return String(decoding: text[start..<position - 1], as: UTF8.self)
    }

    private mutating func truth() throws(SyntaxError) -> Bool {
        if skip("True") { return true }
        if skip("False") { return false }
        throw error("True or False was expected")
    }

    private mutating func tuple() throws(SyntaxError) -> [Int] {
        var result: [Int] = []
        try expect("(")
        while !skip(")") {
            skipBlanks()
            let start = position
            while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
            guard let size = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
                throw error("a size was expected in the shape")
            }
            result.append(size)
            if !skip(",") {
                try expect(")")
                break
            }
        }
        return result
    }
}
