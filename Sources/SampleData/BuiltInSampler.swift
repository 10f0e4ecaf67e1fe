/// Draws the examples of the built-in sets. The probabilities below decide how far common words mislead; they
/// were chosen so that counting common words ranks the test pairs poorly but not quite at random.
struct BuiltInSampler {
    /// What is drawn. Each set of each split has its own stream of random numbers.
    enum ExampleSet: UInt64 { case scoredPairs, triplets, queryExample, topicSentences }

    let split: BuiltInData.Split
    var random: BuiltInRandom

    init(split: BuiltInData.Split, set: ExampleSet, seed: UInt64) {
        self.split = split
        let stream = set.rawValue * 2 + (split == .test ? 1 : 0)
        random = BuiltInRandom(seed: BuiltInRandom.scatter(BuiltInRandom.scatter(seed) ^ stream))
    }

    /// Probability that a concept both sentences have is worded alike.
    static let sharedWording = 0.5
    /// Probability that a pair shares its style, by the number of slots that differ.
    static let sharedStyle = [0.0, 0.05, 0.1, 0.1, 0.2]
    /// The same for two sentences of different topics.
    static let sharedStyleAcrossTopics = 0.4

    // MARK: - Scored pairs

    /// Shares of the scores 1, 0.8, 0.6, 0.4 and 0.2 (no, one, … four slots differ), in twentieths; the rest
    /// is 0.
    static let shares = [5, 4, 3, 2, 2]

    mutating func scoredPairs(count: Int) -> [(BuiltInSentence, BuiltInSentence, score: Double)] {
        var differing: [Int?] = Self.shares.enumerated().flatMap { differing, share in
            Array(repeating: differing, count: count * share / 20)
        }
        differing += Array(repeating: nil, count: count - differing.count)
        random.shuffle(&differing)
        return differing.map { differing in
            var (first, second) = differing.map { pair(differingIn: $0) } ?? unrelatedPair()
            if random.chance(0.5) { swap(&first, &second) }
            return (first, second, first.frame.agreement(with: second.frame))
        }
    }

    /// Two sentences of one topic whose meanings differ in `count` slots; paraphrases if that is zero.
    private mutating func pair(differingIn count: Int) -> (BuiltInSentence, BuiltInSentence) {
        let frames = BuiltInFrame.pair(split, differingIn: count, using: &random)
        let first = BuiltInSentence.random(frames.0, using: &random)
        let second = sentence(
            frames.1, beside: first, sharedWording: Self.sharedWording, sharedStyle: Self.sharedStyle[count])
        return (first, second)
    }

    /// Two sentences of different topics, often of the same style.
    private mutating func unrelatedPair() -> (BuiltInSentence, BuiltInSentence) {
        let topics = BuiltInTopic.all.count
        let topic = random.index(below: topics)
        let otherTopic = random.index(below: topics, otherThan: topic)
        let frame = BuiltInFrame.random(split, topic: topic, using: &random)
        let otherFrame = BuiltInFrame.random(split, topic: otherTopic, using: &random)
        let first = BuiltInSentence.random(frame, using: &random)
        let second = sentence(
            otherFrame, beside: first, sharedWording: 0, sharedStyle: Self.sharedStyleAcrossTopics)
        return (first, second)
    }

    // MARK: - Triplets

    /// Anchor, paraphrase, and a sentence of the same topic in which one to three slots differ: it has the
    /// anchor's style and wordings more often than the paraphrase has.
    mutating func triplets(count: Int) -> [(BuiltInSentence, BuiltInSentence, BuiltInSentence)] {
        (0..<count).map { _ in
            let differing = 1 + random.index(below: 3)
            let frames = BuiltInFrame.pair(split, differingIn: differing, using: &random)
            let anchor = BuiltInSentence.random(frames.0, using: &random)
            let positive = sentence(
                frames.0, beside: anchor, sharedWording: Self.sharedWording, sharedStyle: 0)
            let negative = sentence(frames.1, beside: anchor, sharedWording: 0.7, sharedStyle: 0.7)
            return (anchor, positive, negative)
        }
    }

    // MARK: - Sentences by topic

    /// As many sentences of one topic as of another, in a random order.
    mutating func topicSentences(count: Int) -> [BuiltInSentence] {
        var topics = (0..<count).map { $0 % BuiltInTopic.all.count }
        random.shuffle(&topics)
        return topics.map { topic in
            BuiltInSentence.random(BuiltInFrame.random(split, topic: topic, using: &random), using: &random)
        }
    }

    // MARK: - A query

    /// A query about cooking; the topics and the numbers of differing slots are chosen, the rest is drawn.
    mutating func queryExample() -> (query: String, sentences: [String], paraphrase: String) {
        let frame = BuiltInFrame.random(split, topic: 0, using: &random)
        let query = BuiltInSentence.random(frame, using: &random)
        var sentences = [sentence(frame, beside: query, sharedWording: 0, sharedStyle: 0)]
        for differing in [1, 2, 4] {
            var related = frame
            repeat {
                related = BuiltInFrame.random(split, topic: frame.topic, using: &random)
            } while zip(related.concepts, frame.concepts).count(where: !=) != differing
            sentences.append(sentence(related, beside: query, sharedWording: 0.5, sharedStyle: 0))
        }
        for topic in [6, 7, 10, 12] {
            let unrelated = BuiltInFrame.random(split, topic: topic, using: &random)
            sentences.append(sentence(unrelated, beside: query, sharedWording: 0, sharedStyle: 0.5))
        }
        let paraphrase = sentences[0].text
        random.shuffle(&sentences)
        return (query.text, sentences.map(\.text), paraphrase)
    }

    // MARK: - One sentence beside another

    /// A sentence of the meaning `frame`, made to look more or less like `first`.
    ///
    /// - Parameters:
    ///   - sharedWording: Probability that a concept both have is worded alike.
    ///   - sharedStyle: Probability of `first`'s style; otherwise the template is another one.
    mutating func sentence(
        _ frame: BuiltInFrame, beside first: BuiltInSentence, sharedWording: Double, sharedStyle: Double
    ) -> BuiltInSentence {
        var second = BuiltInSentence.random(frame, using: &random)
        second.style =
            random.chance(sharedStyle)
            ? first.style : .random(otherThan: first.style.templateIndex, using: &random)
        guard frame.topic == first.frame.topic else { return second }
        let topic = BuiltInTopic.all[frame.topic]
        for slot in BuiltInSlot.allCases where frame[slot] == first.frame[slot] {
            let wording = first.wordings[slot.rawValue]
            let count = topic.wordingCount(slot, concept: frame[slot])
            second.wordings[slot.rawValue] =
                random.chance(sharedWording)
                ? wording : random.index(below: count, otherThan: wording)
        }
        return second
    }
}
