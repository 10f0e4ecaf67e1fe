import Foundation
import Sampling
import SentenceEmbeddings
import Tables

/// Sentences and their translations, each with a teacher's embedding of the first: what a student learns other languages from.
public struct ParallelSentencesDataset: Sendable {
    private let teacher: SentenceTransformer
    private let batchSize: Int
    /// Each source with all its texts, itself first.
    private var sources: [(source: String, texts: [String])] = []

    /// A dataset without sentences yet.
    public init(teacherModel: SentenceTransformer, batchSize: Int = 8) { (teacher, self.batchSize) = (teacherModel, batchSize) }

    /// Adds a file of tab-separated lines: a sentence, then its translations.
    ///
    /// - Parameters:
    ///   - path: The file, in UTF-8.
    ///   - maxSentences: Sources at most; nil: all.
    ///   - maxSentenceLength: Lines with a longer text, in characters, are left out; nil: none.
    /// - Throws: `DatasetError` for a file that cannot be read.
    public mutating func loadData(_ path: String, maxSentences: Int? = nil, maxSentenceLength: Int? = 128) throws {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw DatasetError("cannot be read as UTF-8", source: path)
        }
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            line.trimmingCharacters(in: .whitespaces).components(separatedBy: "\t")
        }
        addDataset(lines, maxSentences: maxSentences, maxSentenceLength: maxSentenceLength)
    }

    /// Adds sentences, each with its translations. Translations of one source come together, each once.
    public mutating func addDataset(_ parallelSentences: [[String]], maxSentences: Int? = nil, maxSentenceLength: Int? = 128) {
        var places: [String: Int] = [:]
        var found: [(source: String, texts: [String])] = []
        for sentences in parallelSentences {
            guard let source = sentences.first, !sentences.contains(where: { $0.count > maxSentenceLength ?? .max }) else { continue }
            if let most = maxSentences, places.count >= most { break }
            let place = places[source] ?? found.count
            if place == found.count {
                places[source] = place
                found.append((source, []))
            }
            for sentence in sentences where !found[place].texts.contains(sentence) { found[place].texts.append(sentence) }
        }
        sources += found
    }

    /// A text of any language, and the teacher's embedding of its source.
    public var examples: [InputExample] {
        let embeddings = teacher.encode(sources.map(\.source), batchSize: batchSize)
        return sources.enumerated().flatMap { row, entry in
            let label = embeddings[row].values
            return entry.texts.map { InputExample(texts: [$0], label: label) }
        }
    }
}
