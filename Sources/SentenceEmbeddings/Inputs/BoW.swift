import Autodiff
import Encoders
import Foundation
import JSON
import Layers
import ModelFiles
import Tokenizers

/// A bag of words: a number for each word of a vocabulary, which is the sum of its weight over its occurrences, or its weight alone.
/// With inverse document frequencies as weights these are the vectors of tf–idf.
public struct BoW: InputModule {
    private let words: WhitespaceTokenizer
    /// The weight of each word of the vocabulary.
    public let weights: [Double]
    /// Whether a word counts each time that it occurs; else once.
    public let isCumulative: Bool
    private let configuration: JSONObject
    /// Longest text in words; there is no limit unless one is set.
    public var maximumSequenceLength = Int.max

    public static var typeName: String { ModuleKind.bagOfWords.typeName(.version6) }

    /// - Parameters:
    ///   - vocabulary: The words; what stands there again is left out.
    ///   - weights: Of words as they are, or in lower case.
    ///   - unknownWeight: Of those that have none.
    ///   - isCumulative: Whether a word counts each time that it occurs.
    public init(
        vocabulary: [String], weights: [String: Double] = [:], unknownWeight: Double = 1, isCumulative: Bool = true
    ) {
        var seen = Set<ExactKey>()
        let vocabulary = vocabulary.filter { seen.insert(ExactKey($0)).inserted }
        words = WhitespaceTokenizer(vocabulary: vocabulary)
        let known = Dictionary(weights.map { (ExactKey($0), $1) }) { first, _ in first }
        self.weights = vocabulary.map { known[ExactKey($0)] ?? known[ExactKey($0.lowercased())] ?? unknownWeight }
        self.isCumulative = isCumulative
        configuration = [
            "vocab": .array(vocabulary.map { .string($0) }),
            "word_weights": .object(JSONObject(members: weights.sorted { $0.key < $1.key }.map { ($0, .real($1)) })),
            "unknown_word_weight": .real(unknownWeight), "cumulative_term_frequency": .bool(isCumulative),
        ]
    }

    /// - Throws: `ModelFileError` for a configuration that is none.
    public init(folder: URL) throws {
        var fields = try JSONFields(configurationIn: folder)
        let vocabulary = try fields.required("vocab", try fields.strings("vocab"), "a list of words")
        guard !vocabulary.isEmpty else { throw fields.error("vocab", "there is no word in it") }
        let weights = try fields.object("word_weights") ?? JSONObject()
        let numbers = try weights.members.map { word, value in
            guard let number = value.doubleValue, number.isFinite else {
                throw fields.error("word_weights", "the weight of \(quoted(word)) is \(value.kindName), not a number")
            }
            return (word, number)
        }
        self.init(
            vocabulary: vocabulary, weights: Dictionary(numbers) { first, _ in first },
            unknownWeight: try fields.number("unknown_word_weight", in: -1e300...1e300) ?? 1,
            isCumulative: try fields.bool("cumulative_term_frequency") ?? true)
    }

    public func tokenizer(for task: String?) -> any Tokenizer { words }
    public func outputDimension(of inputDimension: Int?) -> Int? { weights.count }
    public var summary: String { "\(weights.count) words\(isCumulative ? "" : ", each once")" }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        let batch = features.batch, width = weights.count
        var numbers = [Float](repeating: 0, count: batch.count * width)
        for sequence in 0..<batch.count {
            for token in batch.tokenIDs[batch.offsets[sequence]] {
                let place = sequence * width + Int(token), weight = Float(weights[Int(token)])
                numbers[place] = isCumulative ? numbers[place] + weight : weight
            }
        }
        var features = features
        features.sentenceEmbedding = Tensor(scalars: numbers, shape: [batch.count, width])
        return features
    }

    public func copied() -> BoW { self }
    public func save(to folder: URL) throws { try configuration.writeConfiguration(in: folder) }
}
