/// Every byte as the character that stands for it: `ByteLevel` among the normalizers of `tokenizer.json`.
struct ByteLevelNormalizer: Normalizer {
    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        let characters = ByteCharacters.shared
        for index in range {
            characters.append(text[index], to: &output.bytes)
            output.trace(index)
        }
    }
}
