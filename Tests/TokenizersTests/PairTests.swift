import Testing

@testable import Tokenizers

/// Two texts as one sequence, worked by hand; the reference's figures are in `ReferenceTests`.
struct PairTests {
    let tokenizer = WordPieceTokenizer(vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"])

    @Test func typesTellTheTextsApart() {
        let (ids, types) = tokenizer.encode("a a", "b")
        #expect(ids == [2, 5, 5, 3, 6, 3])
        #expect(types == [0, 0, 0, 0, 1, 1])
        #expect(tokenizer.encode("", "").ids == [2, 3, 3])
        let asProtocol: any Tokenizer = tokenizer
        #expect(asProtocol.encode("a", "b", maximumLength: nil).ids == [2, 5, 3, 6, 3])
    }

    @Test(arguments: [
        // Lengths of both texts, most tokens beside three special ones, what is left of each.
        (5, 2, 7, 5, 2), (5, 2, 6, 4, 2), (5, 2, 4, 2, 2), (5, 2, 3, 2, 1), (2, 5, 3, 1, 2), (2, 2, 3, 1, 2), (5, 5, 0, 0, 0),
        (9, 1, 5, 4, 1), (1, 9, 5, 1, 4),
    ])
    func theLongerTextIsCutFirst(first: Int, second: Int, maximum: Int, firstLeft: Int, secondLeft: Int) {
        func text(_ token: String, _ count: Int) -> String { Array(repeating: token, count: count).joined(separator: " ") }
        let (ids, types) = tokenizer.encode(text("a", first), text("b", second), maximumLength: maximum + 3)
        #expect(ids.count(where: { $0 == 5 }) == firstLeft)
        #expect(ids.count(where: { $0 == 6 }) == secondLeft)
        #expect(ids.count == types.count)
    }

    @Test func aMaximumBelowTheSpecialTokensLeavesThese() {
        for maximum in 0...3 { #expect(tokenizer.encode("a", "b", maximumLength: maximum).ids == [2, 3, 3]) }
    }
}
