import JSON

/// Words split into pieces, the most frequent pair of which can be merged again and again.
struct PieceMerging {
    private struct Pair: Hashable {
        let first: Int
        let second: Int
    }

    /// A count that may be out of date by the time it comes up.
    private struct Candidate {
        let pair: Pair
        let count: Int
        let text: String
        let secondText: String

        /// Whether it is to be merged before `other`.
        func precedes(_ other: Candidate) -> Bool {
            if count != other.count { return count > other.count }
            if !text.isExactly(other.text) { return text.utf8.lexicographicallyPrecedes(other.text.utf8) }
            return secondText.utf8.lexicographicallyPrecedes(other.secondText.utf8)
        }
    }

    /// Texts of the pieces; those that continue a word begin with `##`.
    private var pieces: [String] = []
    private var indices: [ExactKey: Int] = [:]
    private var words: [[Int]] = []
    private let wordCounts: [Int]
    private var pairCounts: [Pair: Int] = [:]
    /// Words in which a pair has been seen.
    private var wordsOfPair: [Pair: Set<Int>] = [:]
    /// A binary heap, the next candidate at its top.
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
        if let index = indices[ExactKey(text)] { return index }
        indices[ExactKey(text)] = pieces.count
        pieces.append(text)
        return pieces.count - 1
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
        while let candidate = pop() {
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
        heap.append(Candidate(
            pair: pair, count: pairCounts[pair] ?? 0, text: pieces[pair.first], secondText: pieces[pair.second]))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> Candidate? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        if heap.isEmpty { return top }
        heap[0] = last
        var parent = 0
        while 2 * parent + 1 < heap.count {
            var child = 2 * parent + 1
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return top
    }
}
