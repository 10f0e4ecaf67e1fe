import Tables

/// Small synthetic sets of English sentences that need no download: for a first training run, a
/// demonstration, a test.
///
/// The sentences are **made from a grammar**: fourteen topics, each with a few agents, actions, objects and
/// places, each of these with two or three wordings, put into fourteen templates. Nobody wrote or judged a
/// single sentence or pair; a score is computed from the meanings that the sentences were made of. They serve
/// for trying things out. They are no benchmark: a figure measured on them says nothing about real text.
///
/// Counting common words is made to mislead. Paraphrases differ in template and in many of their words;
/// unrelated sentences often share their template, their determiners, a name. A model has to learn which
/// words mean the same, which it can from the training split.
///
/// The data are split by meaning: no combination of agent, action and object of the test split occurs in the
/// training split, whatever the two seeds are. With the default seed every word of the test split does.
///
/// Everything is a function of the split and the seed, on every platform.
public enum BuiltInData {
    /// Which meanings the sentences are made of.
    public enum Split: String, CaseIterable, Sendable {
        /// 2,000 examples a set.
        case train
        /// 500 examples a set, of held-out meanings.
        case test

        /// How many examples each set has.
        public var exampleCount: Int { self == .train ? 2_000 : 500 }
    }

    /// The topics that the sentences are about, such as "cooking".
    public static var topics: [String] { BuiltInTopic.all.map(\.name) }

    /// Pairs of sentences with the similarity of their meanings.
    ///
    /// The score is the share of topic, agent, action, object and place that the two sentences have in
    /// common: 1 for the same in other words (a quarter of the rows), 0.8, 0.6, 0.4 if one, two or three of
    /// the last four differ, 0.2 if only the topic is the same, 0 for different topics (a fifth of the rows).
    /// Who reports it and when, as in "Maria says that" or "the other day", does not count.
    ///
    /// - Returns: Text columns `sentence1` and `sentence2`, label column `score` in `0...1`.
    public static func scoredPairs(_ split: Split, seed: UInt64 = 42) -> Dataset {
        var sampler = BuiltInSampler(split: split, set: .scoredPairs, seed: seed)
        let pairs = sampler.scoredPairs(count: split.exampleCount)
        return Dataset(
            unchecked: [
                Dataset.Column(name: "sentence1", texts: pairs.map { $0.0.text }),
                Dataset.Column(name: "sentence2", texts: pairs.map { $0.1.text }),
            ],
            labels: Dataset.Column(uncheckedName: "score", values: pairs.map(\.score), areIntegers: false))
    }

    /// Sentences with a paraphrase and a hard negative: the negative is about the same topic, differs in one
    /// to three of agent, action, object and place, and usually has more words in common with the anchor than
    /// the paraphrase.
    ///
    /// - Returns: Text columns `anchor`, `positive` and `negative`; no labels.
    public static func triplets(_ split: Split, seed: UInt64 = 42) -> Dataset {
        var sampler = BuiltInSampler(split: split, set: .triplets, seed: seed)
        let triplets = sampler.triplets(count: split.exampleCount)
        return Dataset(
            unchecked: [
                Dataset.Column(name: "anchor", texts: triplets.map { $0.0.text }),
                Dataset.Column(name: "positive", texts: triplets.map { $0.1.text }),
                Dataset.Column(name: "negative", texts: triplets.map { $0.2.text }),
            ],
            labels: nil)
    }

    /// Single sentences, labeled with what they are about.
    ///
    /// - Returns: Text column `text`; label column `label`, an index into `topics`, each as often as any other.
    public static func topicSentences(_ split: Split, seed: UInt64 = 42) -> Dataset {
        var sampler = BuiltInSampler(split: split, set: .topicSentences, seed: seed)
        let sentences = sampler.topicSentences(count: split.exampleCount)
        return Dataset(
            unchecked: [Dataset.Column(name: "text", texts: sentences.map(\.text))],
            labels: Dataset.Column(uncheckedName: "label", values: sentences.map { Double($0.frame.topic) }, areIntegers: true))
    }

    /// A query and sentences to rank against it: a paraphrase, three of the same topic that say something
    /// else, four of other topics, in an order of their own. None of their meanings occurs in the training
    /// split.
    public static func queryExample(seed: UInt64 = 31) -> (query: String, sentences: [String], paraphrase: String) {
        var sampler = BuiltInSampler(split: .test, set: .queryExample, seed: seed)
        return sampler.queryExample()
    }

    /// Every word that a sentence of any split and seed can contain, in lower case, sorted.
    public static let vocabularyWords: [String] = BuiltInVocabulary.words
}
