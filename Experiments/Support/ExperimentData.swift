import Foundation
import Tapestry

/// The sets that experiments learn from: files in a folder, or the built-in ones where there is no folder.
public struct ExperimentData: Sendable, CustomStringConvertible {
    public enum Split: String, Sendable {
        case train, dev, test

        /// The built-in sets have two splits only.
        var builtIn: BuiltInData.Split { self == .train ? .train : .test }
    }

    /// Nil: built-in sets.
    public let folder: String?

    init(_ options: ExperimentOptions) {
        let usual = ["data", "../shared/data"].first { FileManager.default.fileExists(atPath: $0 + "/stsb") }
        folder = options.data ?? (options.builtIn ? nil : usual)
    }

    public var description: String { folder ?? "built-in" }
    public var isBuiltIn: Bool { folder == nil }

    /// Pairs of sentences with the similarity that people see: STS benchmark.
    public func scoredPairs(_ split: Split) throws -> Dataset {
        try read("stsb/stsb-en-\(split.rawValue).csv") ?? BuiltInData.scoredPairs(split.builtIn)
    }

    /// A sentence, one that follows from it, one that contradicts it; no split but train and dev.
    public func triplets(_ split: Split) throws -> Dataset {
        try read("nli/triplets-\(split == .train ? "train" : "dev").csv") ?? BuiltInData.triplets(split.builtIn)
    }

    /// Pairs of sentences with how much they have to do with each other, to train on: SICK.
    public func relatedPairs() throws -> Dataset { try read("sick/sick-train-relatedness.csv") ?? BuiltInData.scoredPairs(.train) }

    /// Questions and others that ask the same, to train on.
    public func questionPairs() throws -> Dataset { try read("para/mqp-pairs-train.csv") ?? entailedPairs() }

    /// Titles and the texts below them, to train on.
    public func titledTexts() throws -> Dataset { try read("ir/cranfield/title-abstract-pairs.csv") ?? entailedPairs() }

    /// Sentences and others that follow from them, to train on.
    public func entailedPairs() throws -> Dataset {
        try read("nli/entailment-pairs-train.csv") ?? BuiltInData.triplets(.train).selectColumns(["anchor", "positive"])
    }

    /// Pairs of sentences in classes, to train on: 0 the second follows from the first, 1 it may be true or not, 2 it
    /// contradicts it. The built-in ones have the classes 0 and 1 only: it follows, or not.
    public func inferencePairs() throws -> Dataset {
        if let pairs = try read("nli/snli-dev.csv") { return pairs }
        let texts = BuiltInData.triplets(.train).columns.map { Array($0.texts) }
        return try Dataset(
            ["premise": texts[0] + texts[0], "hypothesis": texts[1] + texts[2]],
            labels: texts[1].map { _ in 0 } + texts[2].map { _ in 1 })
    }

    /// Questions with the type of their answer; the built-in ones are sentences with their topic.
    public func labeledTexts(_ split: Split) throws -> Dataset {
        try read("trec/trec-fine-\(split == .train ? "train" : "test").csv") ?? BuiltInData.topicSentences(split.builtIn)
    }

    /// Plain sentences to train on, each once: those of the scored pairs.
    public func sentences() throws -> [String] {
        var seen: Set<String> = []
        return try scoredPairs(.train).columns.flatMap(\.texts).filter { seen.insert($0).inserted }
    }

    private func read(_ path: String) throws -> Dataset? {
        try folder.map { try Dataset(contentsOf: URL(fileURLWithPath: $0).appendingPathComponent(path)) }
    }
}
