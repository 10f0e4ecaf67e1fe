import Foundation
import JSON
import Testing

@testable import Tokenizers

struct WordPieceTrainerTests {
    @Test func piecesAreMergedByCountThenText() {
        // Pairs: a ##b 3 times, ##b ##c and x ##y once.
        #expect(
            WordPieceTrainer.vocabulary(from: ["ab abc", "xy ab"], size: 100) == [
                "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "x", "y",
                "##a", "##b", "##c", "##x", "##y", "ab", "abc", "xy",
            ])
    }

    @Test func everyWordCanBeSplitWhateverTheSize() throws {
        // Texts of many scripts; words of more than 100 characters are unknown by rule.
        let texts = try Fixture.read().uncased.map(\.text).filter { text in
            let words = text.split { $0.isWhitespace }
            return words.allSatisfy { $0.unicodeScalars.count <= 50 } && !text.contains("[")
        }
        #expect(texts.count > 100)
        for lowercasing in [true, false] {
            for size in [0, 1500, 2500] {
                let vocabulary = WordPieceTrainer.vocabulary(from: texts, size: size, lowercasing: lowercasing)
                if size == 2500 { #expect(vocabulary.count > 1500 && vocabulary.count <= 2500) }
                #expect(Set(vocabulary.map { ExactKey($0) }).count == vocabulary.count)
                let tokenizer = WordPieceTokenizer(vocabulary: vocabulary, lowercasing: lowercasing)
                for text in texts {
                    #expect(!tokenizer.encode(text).contains(1), "\(text.debugDescription)")
                }
            }
        }
    }

    @Test func theOrderOfTheSentencesDoesNotMatter() throws {
        let texts = try Fixture.read().uncased.suffix(50).map(\.text)
        let vocabulary = WordPieceTrainer.vocabulary(from: texts, size: 1200)
        #expect(vocabulary == WordPieceTrainer.vocabulary(from: texts.reversed(), size: 1200))
        // Merging makes texts shorter.
        let small = WordPieceTokenizer(vocabulary: WordPieceTrainer.vocabulary(from: texts, size: 0))
        let large = WordPieceTokenizer(vocabulary: vocabulary)
        #expect(large.encode(texts[0]).count < small.encode(texts[0]).count)
    }
}
