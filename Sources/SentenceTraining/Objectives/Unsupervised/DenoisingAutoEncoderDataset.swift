import Autodiff
import Requirements
import Sampling
import Tables

/// Sentences and what is left of them once words were deleted: what ``DenoisingAutoEncoderLoss`` takes.
///
/// The noise is drawn anew in each epoch, by seed, epoch and row alone.
///
/// ```swift
/// let rows = DenoisingAutoEncoderDataset(sentences)       // or another noise: { text, key in … }
/// let trainer = try Trainer(model, objective: DenoisingAutoEncoderLoss(model: model), dataset: rows)
/// ```
public struct DenoisingAutoEncoderDataset: EpochwiseDataset {
    /// Makes a damaged text of a text; the key is one of its own.
    public typealias Noise = @Sendable (_ text: String, _ key: RandomKey) -> String

    /// The sentences, undamaged.
    public let sentences: [String]
    /// What the damage of each epoch is drawn from.
    public let seed: UInt64
    private let noise: Noise

    /// Sentences, and how they are damaged.
    public init(
        _ sentences: [String], seed: UInt64 = 42,
        noise: @escaping Noise = { DenoisingAutoEncoderDataset.delete($0, ratio: 0.6, key: $1) }
    ) {
        self.sentences = sentences
        self.seed = seed
        self.noise = noise
    }

    /// The rows of an epoch: `damaged`, `original`.
    public func dataset(epoch: Int) throws -> Dataset {
        let key = RandomKey(seed).folded(with: UInt64(epoch))
        let damaged = Parallel.map(Array(sentences.enumerated())) { row, text in noise(text, key.folded(with: UInt64(row))) }
        return try Dataset(["damaged": damaged, "original": sentences])
    }

    /// Deletes each word with a probability, but never all of them. A text without words stays as it is.
    ///
    /// Words are runs of letters, digits and marks, with hyphens and apostrophes inside; every other sign is a word of its
    /// own. White space stays where it was between what is kept, as a single space.
    ///
    /// - Parameters:
    ///   - text: What is damaged.
    ///   - ratio: The probability, from 0 to 1.
    ///   - key: Says which words go.
    public static func delete(_ text: String, ratio: Double = 0.6, key: RandomKey) -> String {
        require((0...1).contains(ratio), "DenoisingAutoEncoderDataset.delete: a ratio of \(ratio) is not in 0...1")
        let words = NoiseWord.words(of: text)
        guard !words.isEmpty else { return text }
        let draws = Tensor.uniform([words.count + 1], dtype: .float64, key: key).values
        var kept = words.indices.filter { draws[$0] >= ratio }
        if kept.isEmpty { kept = [Int(draws[words.count] * Double(words.count))] }
        var result = ""
        for (place, index) in kept.enumerated() {
            if place > 0 && words[index].isApart(from: words[kept[place - 1]]) { result += " " }
            result += words[index].text
        }
        return result
    }
}

/// A word of a text that may be deleted.
private struct NoiseWord {
    var text: String
    /// Whether white space stands before it.
    let followsSpace: Bool
    /// Letters and digits, rather than one sign.
    let isAlphanumeric: Bool

    func isApart(from previous: NoiseWord) -> Bool { followsSpace || isAlphanumeric && previous.isAlphanumeric }

    static func words(of text: String) -> [NoiseWord] {
        var words: [NoiseWord] = []
        var (isAfterSpace, isInside) = (true, false)
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            if character.isWhitespace {
                (isAfterSpace, isInside) = (true, false)
                continue
            }
            let isPart =
                isLetterOrDigit(character)
                || "-'’".contains(character) && isInside && index + 1 < characters.count && isLetterOrDigit(characters[index + 1])
            if isPart && isInside {
                words[words.count - 1].text.append(character)
            } else {
                words.append(NoiseWord(text: String(character), followsSpace: isAfterSpace, isAlphanumeric: isPart))
            }
            (isAfterSpace, isInside) = (false, isPart)
        }
        return words
    }

    private static func isLetterOrDigit(_ character: Character) -> Bool { character.isLetter || character.isNumber }
}
