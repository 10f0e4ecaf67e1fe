/// Cuts where another script begins; Chinese and Japanese are one: `UnicodeScripts` of `tokenizer.json`.
struct UnicodeScripts: PreTokenizer {
    /// 0 for what has no script: it goes with what is before it.
    private static let scripts: [UInt8] = {
        var scripts = [UInt8](repeating: 0, count: 0x110000)
        for (index, script) in UnicodeClasses.classes(in: UnicodeData.scriptsOfWords).enumerated() {
            for range in script.set.ranges { for code in range { scripts[Int(code)] = UInt8(index + 1) } }
        }
        return scripts
    }()

    func split(_ text: inout SplitText) {
        text.split { bytes, word, parts in
            var last: UInt8 = 0
            // What comes before the first script is dropped, as in the reference.
            var start: Int?
            var position = word.lowerBound
            while position < word.upperBound {
                let here = position
                let script = Self.scripts[Int(bytes.scalar(at: &position))]
                if script == 0 || script == last { continue }
                if let start { parts.append(start..<here) }
                start = here
                last = script
            }
            if let start { parts.append(start..<word.upperBound) }
        }
    }
}

/// Cuts after so many characters: `FixedLength` of `tokenizer.json`.
struct FixedLength: PreTokenizer {
    private let length: Int

    init(_ node: Node) throws {
        length = try node.present("length")?.integer(in: 1...Int.max) ?? 5
    }

    func split(_ text: inout SplitText) {
        text.split { bytes, word, parts in
            var start = word.lowerBound, position = start, count = 0
            while position < word.upperBound {
                _ = bytes.scalar(at: &position)
                count += 1
                if count == length || position == word.upperBound {
                    parts.append(start..<position)
                    (start, count) = (position, 0)
                }
            }
        }
    }
}
