/// What a loss promises beyond what every loss has to keep. `checkLaws(of:)` holds it to that.
///
/// Invariant means: the value stays, and the gradients change as mathematics says they must.
public enum LossLaw: Sendable, Hashable {
    /// Every row of every column may be multiplied by a positive number of its own.
    case scaleInvariant
    /// Every row of one column may be.
    case columnScaleInvariant(Int)
    /// All embeddings may change their sign together.
    case signInvariant
    /// All embeddings may be turned or mirrored together.
    case rotationInvariant
    /// All embeddings may be moved together.
    case translationInvariant
    /// A number may be added to all labels.
    case labelShiftInvariant
    /// All labels may be multiplied by a positive number.
    case labelScaleInvariant
    /// These columns may change places.
    case symmetric([Int])
    /// The loss of a batch is the mean of the losses of its rows.
    case meanOfRows
    /// Rows that repeat each other's texts are no negatives: a batch of one row, repeated, costs nothing.
    case repeatedRowsTeachNothing

    /// Whether it speaks of labels, rows or columns only, so that it outlives what is done to the embeddings' numbers.
    var holdsForAnyEmbeddings: Bool {
        switch self {
        case .labelShiftInvariant, .labelScaleInvariant, .symmetric, .meanOfRows, .repeatedRowsTeachNothing: true
        case .scaleInvariant, .columnScaleInvariant, .signInvariant, .rotationInvariant, .translationInvariant: false
        }
    }
}

/// What a loss is excused from, on purpose, of the laws that every loss has to keep.
public enum LawException: Sendable, Hashable {
    /// It draws or pairs by the number of a row.
    case rowOrderMatters
    /// It counts something that depends on the embeddings as a constant: differences see it, the gradient does not.
    case stopsGradient
    /// The last layer's embeddings are a teacher for the others besides: no gradient comes to them from there.
    case lastLayerIsTeacher
    /// Its gradient is not itself differentiable.
    case onceDifferentiable
    /// No gradient comes to this column.
    case ignoresColumn(Int)
}
