/// Drops control characters and makes all kinds of blanks spaces, as models for translation have it: `Nmt` of `tokenizer.json`.
struct Nmt: Normalizer {
    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            switch text.scalar(at: &position) {
            case 0x1...0x8, 0xB, 0xE...0x1F, 0x7F, 0x8F, 0x9F: continue
            case 0x9, 0xA, 0xC, 0xD, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD: output.bytes.append(0x20)
            default: output.bytes += text[start..<position]
            }
            output.trace(start)
        }
    }
}
