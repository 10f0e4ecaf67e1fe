import Autodiff

/// What a loss may need beside the values of its options.
public struct LossSurroundings: Sendable {
    /// Width of the model's embeddings, where a model is at hand.
    public var embeddingDimension: Int?
    /// Number of classes among the data's labels, where there are any; throws for labels that are no classes.
    public var classCount: (@Sendable (_ loss: String) throws -> Int?)?
    /// Opens a guide by its path, or the only one there is.
    public var guide: (@Sendable (String?) throws -> any Guide)?

    /// What is known; the rest is nil.
    public init(
        embeddingDimension: Int? = nil, classCount: (@Sendable (_ loss: String) throws -> Int?)? = nil,
        guide: (@Sendable (String?) throws -> any Guide)? = nil
    ) {
        self.embeddingDimension = embeddingDimension
        self.classCount = classCount
        self.guide = guide
    }

    /// For losses that are made to be looked at, not to be trained.
    public static let example = LossSurroundings(embeddingDimension: 8, classCount: { _ in 2 }) { _ in GuideOfZeros() }

    /// The guide of a path; nil where there is neither a path nor anything to open one.
    ///
    /// - Parameters:
    ///   - path: The guide's folder; nil: none was named.
    ///   - loss: Whose guide it is, for messages.
    public func openedGuide(_ path: String?, for loss: String) throws -> (any Guide)? {
        guard let guide else {
            guard path == nil else {
                throw LossInputError("\(loss): guide must be left out where no model can be opened, not \"\(path!)\"")
            }
            return nil
        }
        do {
            return try guide(path)
        } catch let problem as LossInputError {
            throw LossInputError("\(loss): \(problem)")
        }
    }
}

/// Has no opinion.
private struct GuideOfZeros: Guide {
    func embeddings(of texts: [String]) -> Tensor { .zeros([texts.count, 1]) }
}
