import Training

/// An evaluator that can say how far its metrics could be off, had it been given other rows.
public protocol ConfidenceEvaluator<Model>: Evaluator {
    /// Whether it gives a 95 % interval beside each metric, from rows that are drawn again.
    var confidence: Bool { get set }
}
