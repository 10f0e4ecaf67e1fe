import Foundation

/// What a training run came to, as one HTML page that needs nothing beside it: no script, no font, no network.
///
/// Parts without content are left out of the page.
public struct TrainingReport: Sendable {
    /// A value at a step.
    public typealias Point = ChartSeries.Point

    /// A figure before and after training; nil where it was not measured.
    public struct Metric: Sendable {
        /// The metric's name.
        public var name: String
        /// Its value before training.
        public var before: Double?
        /// Its value after training.
        public var after: Double?
        /// Whether a rise is an improvement.
        public var higherIsBetter: Bool

        /// A metric before and after training; nil where it was not measured.
        public init(_ name: String, before: Double?, after: Double?, higherIsBetter: Bool = true) {
            self.name = name
            self.before = before
            self.after = after
            self.higherIsBetter = higherIsBetter
        }
    }

    /// A metric over the steps at which it was evaluated.
    public typealias Curve = ChartSeries

    /// Sentences in the order of their scores against a query; the page sorts them.
    public struct Ranking: Sendable {
        /// The query.
        public var query: String
        /// The sentences and their scores.
        public var sentences: [(text: String, score: Double)]

        /// Sentences ranked by how alike they are to a query.
        public init(query: String, sentences: [(text: String, score: Double)]) {
            self.query = query
            self.sentences = sentences
        }
    }

    /// The page's title.
    public var title: String
    /// One sentence: what was trained on what, and what came of it.
    public var summary: String
    /// The metrics before and after training.
    public var metrics: [Metric]
    /// The loss by update.
    public var lossCurve: [Point]
    /// The loss's named parts.
    public var componentCurves: [Curve]
    /// The learning rate by update.
    public var learningRateCurve: [Point]
    /// Metrics by update.
    public var evaluationCurves: [Curve]
    /// The run at a glance: duration, pairs per second, seed.
    public var facts: [(key: String, value: String)]
    /// The model: modules, parameters.
    public var model: [(key: String, value: String)]
    /// The training arguments.
    public var arguments: [(key: String, value: String)]
    /// An example; nil: none.
    public var ranking: Ranking?

    /// A report of what there is; parts without content are left out.
    public init(
        title: String,
        summary: String,
        metrics: [Metric] = [],
        lossCurve: [Point] = [],
        componentCurves: [Curve] = [],
        learningRateCurve: [Point] = [],
        evaluationCurves: [Curve] = [],
        facts: [(key: String, value: String)] = [],
        model: [(key: String, value: String)] = [],
        arguments: [(key: String, value: String)] = [],
        ranking: Ranking? = nil
    ) {
        self.title = title
        self.summary = summary
        self.metrics = metrics
        self.lossCurve = lossCurve
        self.componentCurves = componentCurves
        self.learningRateCurve = learningRateCurve
        self.evaluationCurves = evaluationCurves
        self.facts = facts
        self.model = model
        self.arguments = arguments
        self.ranking = ranking
    }

    /// Writes the page; a reader of the file sees the old page or the new one, never a part of it.
    ///
    /// - Throws: `TrainingReportError` naming the file and the reason.
    public func write(to url: URL) throws {
        do {
            // Written beside the target under another name, then renamed.
            try Data(html().utf8).write(to: url, options: .atomic)
        } catch {
            throw TrainingReportError(path: url.path, underlying: error)
        }
    }
}
