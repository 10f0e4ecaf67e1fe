import Foundation
import JSON
import Testing

@testable import Tokenizers

/// Equal counts and equal merges, odd lengths, and options that the usual files do not set.
struct TokenizerOptionTests {
    private func node(_ text: String, _ path: String = "model") throws -> Node {
        Node(try JSONValue.parse([UInt8](text.utf8)), at: JSONPlace(file: "f", path: path))
    }

    private func ids(_ word: String, _ model: any SubwordModel) -> [Int32] {
        let bytes = Array(word.utf8)
        var tokens = TokenList(), scratch: [UInt64] = []
        tokens.ids = [-7]
        model.tokenize(bytes, 0..<bytes.count, into: &tokens, scratch: &scratch)
        #expect(tokens.ids.first == -7)
        return Array(tokens.ids.dropFirst())
    }

    /// Merges in plain steps: the first of the best pairs, until there is none.
    private func merged(_ word: String, _ merges: [(String, String)]) -> [String] {
        var pieces = word.map { String($0) }
        while true {
            let ranked = zip(pieces, pieces.dropFirst()).enumerated().compactMap { place, pair in
                merges.firstIndex { $0 == pair }.map { (rank: $0, place: place) }
            }
            guard let best = ranked.min(by: { ($0.rank, $0.place) < ($1.rank, $1.place) }) else { return pieces }
            pieces.replaceSubrange(best.place...best.place + 1, with: [pieces[best.place] + pieces[best.place + 1]])
        }
    }

    @Test func mergesAreThoseOfPlainSteps() throws {
        let merges = [
            ("a", "b"), ("b", "a"), ("a", "a"), ("ab", "a"), ("aa", "b"), ("ba", "b"), ("aba", "b"), ("ab", "ab"), ("b", "b"), ("aa", "aa"),
            ("bb", "a"),
        ]
        let tokens = Array(Set(["a", "b"] + merges.map { $0.0 + $0.1 })).sorted()
        let vocabulary = tokens.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
        let model = try BytePairModel(
            node("{\"vocab\": {\(vocabulary)}, \"merges\": [\(merges.map { "\"\($0.0) \($0.1)\"" }.joined(separator: ", "))]}"))
        for length in 1...11 {
            for bits in 0..<(1 << min(length, 9)) {
                let word = String((0..<length).map { bits >> ($0 % 9) & 1 == 1 ? "b" : "a" })
                #expect(ids(word, model).map { tokens[Int($0)] } == merged(word, merges), "\(word)")
            }
        }
    }

    @Test func heapsGiveEverythingInOrder() {
        for count in 0...40 {
            let numbers = (0..<count).map { ($0 * 17 + $0 * $0) % 23 }
            var heap: [Int] = [], found: [Int] = []
            for number in numbers { heap.pushHeap(number) }
            while let least = heap.popHeap() { found.append(least) }
            #expect(found == numbers.sorted())
        }
    }

    @Test func unknownsBytesAndSuffixes() throws {
        let vocabulary =
            ###""vocab": {"a": 0, "b": 1, "?": 2, "<0xC3>": 3, "<0xA9>": 4, "a</w>": 5, "b</w>": 6, "ab</w>": 7, "##b": 8, "a##": 9, "<0xE2>": 10}"###
        // Known bytes stand for a character only where all of them are known.
        let bytes = try BytePairModel(node("{\(vocabulary), \"merges\": [], \"unk_token\": \"?\", \"byte_fallback\": true}"))
        #expect(
            ids("aéb", bytes) == [0, 3, 4, 1] && ids("a€b", bytes) == [0, 2, 1] && ids("€€é", bytes) == [2, 2, 3, 4].map { Int32($0) }
                || ids("€€é", bytes).count == 4)
        for (fuses, expected) in [(true, [2, 0, 2]), (false, [2, 2, 0, 2, 2, 2])] as [(Bool, [Int32])] {
            let model = try BytePairModel(node("{\(vocabulary), \"merges\": [], \"unk_token\": \"?\", \"fuse_unk\": \(fuses)}"))
            #expect(ids("xxaxxx", model) == expected)
        }
        let suffixed = try BytePairModel(node("{\(vocabulary), \"merges\": [\"a b</w>\"], \"end_of_word_suffix\": \"</w>\"}"))
        #expect(ids("ab", suffixed) == [7] && ids("ba", suffixed) == [1, 5] && ids("bb", suffixed) == [1, 6] && ids("a", suffixed) == [5])
        for (ignores, expected) in [(true, [7]), (false, [0, 1])] as [(Bool, [Int32])] {
            let words = try BytePairModel(node(#"{"vocab": {"a": 0, "b": 1, "ab": 7}, "merges": [], "ignore_merges": \#(ignores)}"#))
            #expect(ids("ab", words) == expected)
        }
    }

    @Test func wordsThatAreTooLongAreCountedInCharacters() throws {
        func model(_ limit: Int?) throws -> WordPieceModel {
            try WordPieceModel(
                node(
                    ###"{"vocab": {"[UNK]": 0, "é": 1, "##é": 2, "a": 3, "##a": 4}, "unk_token": "[UNK]""###
                        + (limit.map { ", \"max_input_chars_per_word\": \($0)" } ?? "") + "}"))
        }
        let four = try model(4)
        #expect(
            ids("éééé", four) == [1, 2, 2, 2] && ids("ééééé", four) == [0] && ids("aaaa", four) == [3, 4, 4, 4] && ids("aaaaa", four) == [0]
        )
        let usual = try model(nil)
        #expect(ids(String(repeating: "a", count: 100), usual).count == 100 && ids(String(repeating: "a", count: 101), usual) == [0])
        #expect(ids(String(repeating: "é", count: 100), usual).count == 100)
        // What has begun well is unknown as a whole.
        #expect(ids("aab", four) == [0] && ids("éxa", four) == [0])
    }

    /// Counted in plain loops: of equal pairs the first by text, then by the second's.
    @Test(arguments: [
        ["ab cd ef", "gh"], ["ba bc", "ba bc bd"], ["abab", "baba"], ["xay xaz", "xbz xby"], ["aaaa aa", "aaa"],
        ["one two three two one", "tree tow noe"],
    ]) func equalPairsGoByTheirTexts(_ sentences: [String]) {
        let counts = Dictionary(sentences.joined(separator: " ").split(separator: " ").map { (String($0), 1) }, uniquingKeysWith: +)
        var words = counts.sorted { $0.key < $1.key }.map { word, count in
            (pieces: word.enumerated().map { $0 == 0 ? String($1) : "##\($1)" }, count: count)
        }
        let characters = Set(counts.keys.joined()).map { String($0) }.sorted()
        var expected = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + characters + characters.map { "##" + $0 }
        let size = expected.count + 6
        struct Pair: Hashable { let first, second: String }
        while expected.count < size {
            var pairs: [Pair: Int] = [:]
            for word in words {
                for (a, b) in zip(word.pieces, word.pieces.dropFirst()) { pairs[Pair(first: a, second: b), default: 0] += word.count }
            }
            guard let best = pairs.min(by: { ($1.value, $0.key.first, $0.key.second) < ($0.value, $1.key.first, $1.key.second) })?.key
            else { break }
            let piece = best.first + best.second.dropFirst(2)
            for index in words.indices {
                var joined: [String] = []
                for part in words[index].pieces {
                    if part == best.second, joined.last == best.first { joined[joined.count - 1] = piece } else { joined.append(part) }
                }
                words[index].pieces = joined
            }
            if !expected.contains(piece) { expected.append(piece) }
        }
        #expect(WordPieceTrainer.vocabulary(from: sentences, size: size) == expected)
        #expect(WordPieceTrainer.vocabulary(from: sentences, size: expected.count - 1) == expected.dropLast())
    }

    @Test func pairsAreCutFromTheLongerOne() {
        for first in 0...7 {
            for second in 0...7 {
                for maximum in 0...15 {
                    let (a, b) = SpecialTokenTemplate.lengths(first, second, maximum: maximum)
                    // The longer one until both are equal, then both; the second is the larger half of an odd number, unless the first was longer.
                    var (x, y) = (first, second)
                    if x + y > maximum {
                        let shorter = min(x, y)
                        if maximum - shorter >= shorter {
                            if x > y { x = maximum - shorter } else { y = maximum - shorter }
                        } else if first > second {
                            (x, y) = (maximum - maximum / 2, maximum / 2)
                        } else {
                            (x, y) = (maximum / 2, maximum - maximum / 2)
                        }
                    }
                    #expect(a == x && b == y, "\(first) and \(second) in \(maximum)")
                }
            }
        }
    }

    @Test(arguments: DelimiterBehavior.allCases, [false, true]) func delimitersGoWhereTheyAreTold(
        _ behavior: DelimiterBehavior, isInverted: Bool
    ) {
        // "a--b-" with each dash a delimiter, or each letter where it is the other way round.
        let delimiters = isInverted ? [0..<1, 3..<4] : [1..<2, 2..<3, 4..<5]
        var words: [Range<Int>] = []
        behavior.append(0..<5, cutAt: delimiters, isInverted: isInverted, to: &words)
        let text = Array("a--b-")
        let found = words.map { String(text[$0]) }
        let expected: [String] =
            switch (behavior, isInverted) {
            case (.removed, _): ["a", "b"]
            case (.isolated, false): ["a", "-", "-", "b", "-"]
            case (.isolated, true): ["a", "--", "b", "-"]
            case (.mergedWithPrevious, false): ["a-", "-", "b-"]
            case (.mergedWithPrevious, true): ["a--", "b-"]
            case (.mergedWithNext, false): ["a", "-", "-b", "-"]
            case (.mergedWithNext, true): ["a", "--b", "-"]
            case (.contiguous, _): ["a", "--", "b", "-"]
            }
        #expect(found == expected, "\(found)")
    }

    @Test func decodersStripAsOftenAsTheySay() throws {
        for (start, stop, expected) in [(0, 0, "__a_b__"), (1, 0, "_a_b__"), (2, 1, "a_b_"), (5, 5, "a_b")] {
            let decoder = try StripDecoder(node(#"{"content": "_", "start": \#(start), "stop": \#(stop)}"#))
            #expect(decoder.decode(["__a_b__", "x"]) == [expected, "x"])
        }
        #expect(try SuffixDecoder(node("{}")).decode(["a</w>", "b", "c</w>", "d</w>"]) == ["a ", "b", "c ", "d"])
    }

    @Test func normalizersFollowTheirFlags() {
        for strips in [nil, true, false] as [Bool?] {
            for lowercases in [true, false] {
                for isolates in [true, false] {
                    let normalizer = BertNormalizer(isolatesIdeographs: isolates, stripsAccents: strips, lowercases: lowercases)
                    let found = String(decoding: normalizer.normalized(Array("É中a".utf8)), as: UTF8.self)
                    let letter =
                        switch (strips ?? lowercases, lowercases) {
                        case (true, true): "e"
                        case (true, false): "E"
                        case (false, true): "é"
                        case (false, false): "É"
                        }
                    #expect(found == letter + (isolates ? " 中 " : "中") + "a")
                }
            }
        }
        // Two marks of one class: the second stays beside, since the first stands between.
        let composing = UnicodeNormalizer(composes: true, isCompatible: false)
        func composed(_ text: String) -> [UInt32] {
            String(decoding: composing.normalized(Array(text.utf8)), as: UTF8.self).unicodeScalars.map(\.value)
        }
        #expect(
            composed("a\u{30A}\u{301}") == [0x1FB] && composed("a\u{304}\u{301}") == [0x101, 0x301]
                && composed("q\u{304}\u{301}") == [0x71, 0x304, 0x301])
        #expect(composed("a\u{338}\u{301}\u{304}") == [0xE1, 0x338, 0x304])
        #expect(composed("a\u{363}\u{301}") == [0x61, 0x363, 0x301])
    }
}
