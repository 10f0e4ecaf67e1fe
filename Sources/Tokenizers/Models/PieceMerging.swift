import JSON

/// Words split into pieces, the most frequent pair of which can be merged again and again.
struct PieceMerging {
    private struct Pair: Hashable {
        let first: Int
        let second: Int
    }

    /// A count that may be out of date by the time it comes up.
    private struct Candidate: Comparable {
        let pair: Pair
        let count: Int
        let text: String
        let secondText: String

        /// Whether the first is to be merged before the second.
        static func < (a: Candidate, b: Candidate) -> Bool {
            if a.count != b.count { return a.count > b.count }
            if !a.text.isExactly(b.text) { return a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
            return a.secondText.utf8.lexicographicallyPrecedes(b.secondText.utf8)
        }
    }

    /// Texts of the pieces; those that continue a word begin with `##`.
    private var pieces: [String] = []
    private var indices = TextIndex()
    private var words: [[Int]] = []
    private let wordCounts: [Int]
    private var pairCounts: [Pair: Int] = [:]
    /// Words in which a pair has been seen.
    private var wordsOfPair: [Pair: Set<Int>] = [:]
    /// A heap, the next candidate at its top.
    private var heap: [Candidate] = []

    init(words: [(text: String, count: Int)]) {
        wordCounts = words.map(\.count)
        for (text, _) in words {
            var split: [Int] = []
            for character in text.unicodeScalars {
                split.append(index(of: split.isEmpty ? String(character) : "##" + String(character)))
            }
            self.words.append(split)
        }
        for word in self.words.indices { _ = add(1, word) }
        for pair in pairCounts.keys { push(pair) }
    }

    private mutating func index(of text: String) -> Int {
        let index = Int(indices.number(of: text))
        if index == pieces.count { pieces.append(text) }
        return index
    }

    /// Counts the pairs of a word in, or out with `sign` -1. - Returns: These pairs.
    private mutating func add(_ sign: Int, _ word: Int) -> Set<Pair> {
        var pairs: Set<Pair> = []
        for (first, second) in zip(words[word], words[word].dropFirst()) {
            let pair = Pair(first: first, second: second)
            pairCounts[pair, default: 0] += sign * wordCounts[word]
            pairs.insert(pair)
            if sign > 0 { wordsOfPair[pair, default: []].insert(word) }
        }
        return pairs
    }

    /// - Returns: The new piece, or `nil` when every word is one piece.
    mutating func mergeMostFrequentPair() -> String? {
        while let candidate = heap.popHeap() {
            // Whenever a count changes the pair is pushed anew, so an outdated entry can be dropped.
            guard let count = pairCounts[candidate.pair], count == candidate.count, count > 0 else { continue }
            return merge(candidate.pair)
        }
        return nil
    }

    private mutating func merge(_ pair: Pair) -> String {
        // The second piece continues a word: its ## goes.
        let text = pieces[pair.first] + String(pieces[pair.second].unicodeScalars.dropFirst(2))
        let merged = index(of: text)
        var changed: Set<Pair> = []
        for word in wordsOfPair[pair] ?? [] {
            changed.formUnion(add(-1, word))
            var split: [Int] = []
            for piece in words[word] {
                if piece == pair.second, split.last == pair.first {
                    split[split.count - 1] = merged
                } else {
                    split.append(piece)
                }
            }
            words[word] = split
            changed.formUnion(add(1, word))
        }
        pairCounts[pair] = nil
        wordsOfPair[pair] = nil
        for pair in changed where (pairCounts[pair] ?? 0) > 0 { push(pair) }
        return text
    }

    private mutating func push(_ pair: Pair) {
        heap.pushHeap(
            Candidate(
                pair: pair, count: pairCounts[pair] ?? 0, text: pieces[pair.first], secondText: pieces[pair.second]))
    }
}
