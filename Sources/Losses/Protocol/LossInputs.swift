import Options

/// What a loss takes from a dataset, so that one that does not fit is refused before training starts.
public struct LossInputs: Sendable, Equatable {
    /// What the loss does with a label column.
    public enum Labels: Sendable, Equatable {
        /// It has no use for one, and takes no notice of one.
        case none
        /// One number a row.
        case scores
        /// One number a row, within bounds.
        case scoresWithin(ClosedRange<Double>)
        /// One whole number a row, of at least two different ones.
        case classes
        /// One class number a row, from 0, or a list of probabilities, one for each class; how many there are, where that is
        /// known.
        case classesOrProbabilities(count: Int? = nil)
        /// A number or a list of numbers a row, from another model; the loss itself says which shapes it takes.
        case teacher
        /// As the case inside, but it can do without.
        indirect case optional(Labels)

        /// Whether rows of these labels, one number each, can give a gradient other than zero: classes are compared within and
        /// across, scores are ordered.
        public func canTeach(_ labels: [Double]) -> Bool {
            switch self {
            case .classes: Set(labels).count > 1 && Set(labels).count < labels.count
            case .scores: Set(labels).count > 1
            case .optional(let inner): inner.canTeach(labels)
            default: true
            }
        }

        /// In a word or two, for tables.
        public var summary: String {
            switch self {
            case .none: "none"
            case .scores: "score"
            case .scoresWithin(let range): "score in \(range.lowerBound)...\(range.upperBound)"
            case .classes: "class"
            case .classesOrProbabilities: "class, or probabilities"
            case .teacher: "teacher's numbers"
            case .optional(let labels): "none, or " + labels.summary
            }
        }
    }

    /// Usual names of the text columns, for messages; only their order counts.
    public var columns: [String]
    /// Whether more columns like the last may follow.
    public var allowsMoreColumns: Bool
    /// The labels that it takes.
    public var labels: Labels
    /// The least rows of a batch for which the loss is a finite number; training leaves out a last batch of fewer.
    public var minimumRows: Int

    /// Columns by the names that people usually give them; only their order counts.
    public init(columns: [String], allowsMoreColumns: Bool = false, labels: Labels = .none, minimumRows: Int = 1) {
        self.columns = columns
        self.allowsMoreColumns = allowsMoreColumns
        self.labels = labels
        self.minimumRows = minimumRows
    }

    /// Whether so many text columns are right.
    public func accepts(columnCount: Int) -> Bool {
        allowsMoreColumns ? columnCount >= columns.count : columnCount == columns.count
    }

    /// Says no in one sentence when columns or labels do not fit.
    ///
    /// - Parameters:
    ///   - loss: The loss's name, for the message.
    ///   - setting: The dataset and the model.
    /// - Throws: ``LossInputError``.
    public func check(loss: String, _ setting: LossSetting) throws {
        let found = setting.textColumns.isEmpty ? "none" : setting.textColumns.joined(separator: ", ")
        guard accepts(columnCount: setting.textColumns.count) else {
            let surplus = setting.textColumns.count > columns.count ? "; remove the columns that are no inputs" : ""
            throw LossInputError(
                "\(loss) takes \(columns.count)\(allowsMoreColumns ? " or more" : "") text "
                    + "column\(columns.count == 1 && !allowsMoreColumns ? "" : "s") (\(columns.joined(separator: ", "))), "
                    + "but the dataset has \(setting.textColumns.count): \(found)\(surplus)")
        }
        try check(setting.labels, as: labels, loss: loss, found: found)
    }

    private func check(_ facts: LossSetting.Labels?, as wanted: Labels, loss: String, found: String) throws {
        if case .optional(let inner) = wanted {
            if facts != nil { try check(facts, as: inner, loss: loss, found: found) }
            return
        }
        if wanted == .none { return }
        guard let facts else {
            throw LossInputError(
                "\(loss) needs a label for each row: a numeric column named label, labels, score or "
                    + "scores; the dataset has the text columns \(found) and no such column")
        }
        func refuse(_ expected: String, _ got: String) -> LossInputError {
            LossInputError("\(loss) takes \(expected), but column \(facts.name) holds \(got)")
        }
        switch wanted {
        case .teacher, .classesOrProbabilities: break
        default:
            guard facts.shape.isEmpty || facts.shape == [1] else { throw refuse("one number a row as label", facts.content) }
        }
        if wanted == .classes {
            guard facts.areIntegers else {
                throw refuse("whole numbers as labels, one for each class", "numbers with fractions")
            }
            guard facts.distinctCount.map({ $0 > 1 }) ?? true else {
                throw refuse("labels of at least two classes", "the label \(Int(facts.range.lowerBound)) in every row")
            }
        }
        if case .scoresWithin(let range) = wanted,
            facts.range.lowerBound < range.lowerBound || facts.range.upperBound > range.upperBound
        {
            throw refuse(
                "labels from \(range.lowerBound) to \(range.upperBound)",
                "numbers from \(facts.range.lowerBound) to \(facts.range.upperBound)")
        }
    }
}

/// A dataset or model that a loss cannot work with.
public typealias LossInputError = OptionError
