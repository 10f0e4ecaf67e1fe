import JSON
import Options
import Requirements

/// The losses that can be chosen by name, as the command line does.
///
/// A loss of one's own needs no entry to be used from Swift; one line makes it known by name, with its options:
///
/// ```swift
/// LossCatalog.register(DecoupledContrastiveLoss())
/// ```
public enum LossCatalog {
    /// This library's losses of embeddings, with their defaults. What modifiers are put around here is an example.
    public static let builtIn: [any Loss] = [
        MultipleNegativesRankingLoss(),
        MultipleNegativesSymmetricRankingLoss(),
        GISTEmbedLoss(),
        MegaBatchMarginLoss(),
        CoSENTLoss(),
        AnglELoss(),
        CosineSimilarityLoss(),
        ContrastiveLoss(),
        OnlineContrastiveLoss(),
        SoftmaxLoss(),
        TripletLoss(),
        BatchAllTripletLoss(),
        BatchHardTripletLoss(),
        BatchHardSoftMarginTripletLoss(),
        BatchSemiHardTripletLoss(),
        MSELoss(),
        EmbedDistillLoss(),
        MarginMSELoss(),
        DistillKLDivLoss(),
        GlobalOrthogonalRegularizationLoss(),
        MatryoshkaLoss(CoSENTLoss(), dimensions: []),
        AdaptiveLayerLoss(CoSENTLoss()),
        Matryoshka2dLoss(CoSENTLoss(), dimensions: []),
    ]

    private static let registered = Locked<[any Loss]>([])

    /// Makes a loss known by its name, with its values for defaults; a second one of the same name takes the first
    /// one's place.
    public static func register(_ loss: any Loss) {
        registered.withLock { losses in
            losses.removeAll { $0.name == loss.name }
            losses.append(loss)
        }
    }

    /// All losses of embeddings with their defaults: this library's, then those that were registered.
    public static var losses: [any Loss] {
        let own = registered.withLock { $0 }
        return builtIn.filter { loss in !own.contains { $0.name == loss.name } } + own
    }

    /// The names of all losses.
    public static var names: [String] { losses.map(\.name) }

    /// The loss of this name with its defaults, whatever the name's case.
    public static func find(_ name: String) -> (any Loss)? { losses.first { $0.name.lowercased() == name.lowercased() } }

    /// A loss by its name, with options by the reference's names.
    ///
    /// - Parameters:
    ///   - name: The loss's name, in any case.
    ///   - options: By their keys.
    ///   - surroundings: What some options need, such as the width of the model's embeddings.
    /// - Throws: ``LossInputError`` for a name, an option or a value that does not exist.
    public static func loss(
        named name: String, options: JSONObject = JSONObject(), surroundings: LossSurroundings = .init()
    ) throws -> any Loss {
        try loss(LossSpecification(name, options: options), surroundings: surroundings)
    }

    /// The loss of a specification, completed by its surroundings.
    public static func loss(
        _ specification: LossSpecification, surroundings: LossSurroundings = .init()
    ) throws -> any Loss {
        guard let loss = find(specification.name) else { throw LossInputError(noLoss: specification.name, among: names) }
        return try loss.setting(specification.effectiveOptions, in: surroundings) { try self.loss($0, surroundings: surroundings) }
    }
}

extension Loss {
    /// The options for people; a modifier's first one is the loss inside.
    package var allOptionSummaries: [OptionSummary] {
        let inner = OptionSummary("loss", "a name, or an object with a name and options", nil, "the loss inside")
        return (self is any LossModifier ? [inner] : []) + optionSummaries
    }

    /// This loss with other options, complete.
    ///
    /// - Parameter makeInner: Makes the loss inside, for a modifier.
    package func setting(
        _ values: JSONObject, in surroundings: LossSurroundings, makeInner: (LossSpecification) throws -> any Loss
    ) throws -> any Loss {
        var (loss, own) = (self, values)
        if self is any LossModifier { own["loss"] = nil }
        try OptionError.check(own.keys, among: allOptionSummaries.map(\.key), of: name)
        try loss.setOptions(own, of: name)
        guard var modifier = loss as? any LossModifier else {
            let complete = try loss.completed(in: surroundings)
            let shared = complete.parameters.first { own in parameters.contains { $0.parameter === own.parameter } }
            if let shared {
                throw LossInputError(
                    "\(name): the parameter \(shared.name) is that of the registered loss, so options would not reach it, and each "
                        + "training would go on with it; make it in completed(in:)")
            }
            return complete
        }
        guard let inner = values["loss"], inner != .null else {
            throw LossInputError("\(name): loss must be the name of a loss, not nothing")
        }
        modifier.innerLoss = try makeInner(LossSpecification(inner))
        return try modifier.completed(in: surroundings)
    }
}

extension LossInputError {
    /// A name that nothing has.
    public init(noLoss name: String, among names: [String]) {
        self.init(
            "there is no loss named \(name); did you mean \(nearest(to: name, among: names))? "
                + "There are \(names.joined(separator: ", "))")
    }
}
