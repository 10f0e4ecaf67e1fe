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
