/// Which passages count as hard negatives, and how they are put into a dataset.
public struct HardNegativeOptions: Sendable, Equatable {
    /// How negatives are chosen among the candidates.
    public enum SamplingStrategy: String, Sendable, CaseIterable {
        /// The closest, or any at random.
        case top, random
    }

    /// What a row of the result is.
    public enum OutputFormat: String, Sendable, CaseIterable {
        /// An anchor, a positive and a negative, for each two of these.
        case triplet
        /// An anchor, a positive and `numNegatives` negatives, where as many were found.
        case nTuple = "n-tuple"
        /// An anchor and a passage, with the label 1 or 0.
        case labeledPair = "labeled-pair"
        /// An anchor and a list of passages, the positive first, with a list of labels.
        case labeledList = "labeled-list"
    }

    /// How many of the closest candidates are left out.
    public var rangeMin = 0
    /// The last candidate that is looked at, counted from 1; nil: as many as are needed, ten times that where scores are bounded.
    public var rangeMax: Int?
    /// The bounds of a negative's score.
    public var maxScore, minScore: Double?
    /// By how much a negative's score has to be below the least score of the anchor's positives.
    public var absoluteMargin: Double?
    /// The same as a part of the size of that score: 0.05 asks for 5 %.
    public var relativeMargin: Double?
    /// Negatives for each anchor.
    public var numNegatives = 3
    /// How they are chosen.
    public var samplingStrategy = SamplingStrategy.top
    /// Whether an anchor's own positives may be among its negatives, for lists to re-rank. The result is made of n-tuples then.
    public var includePositives = false
    /// What a row of the result is.
    public var outputFormat = OutputFormat.triplet
    /// Whether there are scores in place of labels, or beside texts.
    public var outputScores = false
    /// Of random draws.
    public var seed: UInt64 = 42

    /// The options' defaults.
    public init() {}

    var format: OutputFormat { includePositives ? .nTuple : outputFormat }

    /// Whether candidates may be dropped by their scores.
    var hasBounds: Bool { maxScore != nil || minScore != nil || absoluteMargin != nil || relativeMargin != nil }

    /// The range of candidates that is looked at.
    ///
    /// - Parameters:
    ///   - maxPositives: The largest number of rows of an anchor.
    ///   - isRescored: Whether a scorer of pairs has the last word.
    /// - Throws: ``SearchError`` for settings that leave nothing to choose from.
    func range(maxPositives: Int, isRescored: Bool) throws -> Range<Int> {
        guard numNegatives >= 1 else { throw SearchError("numNegatives must be at least 1, but is \(numNegatives)") }
        guard rangeMin >= 0 else { throw SearchError("rangeMin must not be negative, but is \(rangeMin)") }
        let dropsSome = absoluteMargin != nil || relativeMargin != nil || maxScore != nil || (isRescored && minScore != nil)
        let end = rangeMax ?? rangeMin + numNegatives * (dropsSome ? 10 : 1) + maxPositives
        guard rangeMin < end else { throw SearchError("rangeMin must be less than rangeMax, but they are \(rangeMin) and \(end)") }
        guard numNegatives <= end - rangeMin else {
            throw SearchError(
                "\(numNegatives) negatives cannot be chosen from the \(end - rangeMin) candidates between rangeMin \(rangeMin) and "
                    + "rangeMax \(end); lower numNegatives or widen the range")
        }
        return rangeMin..<end
    }
}
