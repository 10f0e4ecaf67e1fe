import Autodiff
import Losses
import SentenceEmbeddings
import Tokenizers

/// Any sentence transformer can be the guide of another's training: it reads the texts with its own tokenizer.
extension SentenceTransformer: Guide {
    public func embeddings(of texts: [String]) -> Tensor { encode(texts, prompt: "") }

    public var summary: String { input.summary }

    /// Of all tokens with their ids, and of the ids of a text whose letters, accents and marks tokenizers treat differently.
    public var vocabularyFingerprint: UInt64? {
        let tokenizer = self.tokenizer
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
        func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
        for id in 0..<Int32(tokenizer.vocabularySize) {
            add(tokenizer.decode([id], skippingSpecialTokens: false).utf8)
            add([0xFF])  // in no text
        }
        for id in tokenizer.encode("Ein Café in ZÜRICH, naïve don't-know: 東京 №½!", maximumLength: nil) {
            add(withUnsafeBytes(of: id.littleEndian) { Array($0) })
        }
        return hash
    }
}
