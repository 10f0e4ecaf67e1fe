import Foundation
import Tapestry

/// Modules behind a small encoder, with one mistake each: `checkLaws(of:model:)` has to see them.
struct FaultyModule: EmbeddingModule {
    enum Fault: String, CaseIterable {
        /// The mask belongs to the place in the batch in place of the sample.
        case dropsByPlace
        /// Rows are moved by the mean of all that are embedded together.
        case centersOnTheBatch
        /// A pullback gives half of the gradient.
        case halvesTheGradient
        /// What is computed leaves the tape.
        case forgetsTheTape
    }

    var fault: Fault?
    let scale = Parameter(Tensor([[1.5]]))
    var summary: String { "scaled, with dropout" }
    var namedParameters: [NamedParameter] { [NamedParameter(name: "scale", parameter: scale)] }

    init(_ fault: Fault?) { self.fault = fault }
    init(folder: URL) throws { self.init(nil) }

    func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }

    func callAsFunction(_ features: Features, in context: Context) -> Features {
        var x = features.requiredSentenceEmbedding * scale.value  // [B, D]
        switch fault {
        case .dropsByPlace:
            if let mask = context.nextDropoutMask(rate: 0.3) { x = x.dropout(mask, at: RowAddresses(rowCount: x.shape[0])) }
        case .centersOnTheBatch:
            x = x - x.mean(alongAxis: 0, keepingAxis: true)
        case .halvesTheGradient:
            x = Tape.record("halved", value: x.detached(), from: x) { dy in dy * 0.5 }
        case .forgetsTheTape:
            x = x + (x * scale.value).detached()
        case nil:
            x = Dropout(0.3)(x, in: context)
        }
        var features = features
        features.sentenceEmbedding = x
        return features
    }

    func copied() -> FaultyModule {
        let copy = FaultyModule(fault)
        copy.scale.value = scale.value
        return copy
    }
    func save(to folder: URL) throws {}

    /// A small encoder with the module behind it.
    static func model(_ fault: Fault?) -> SentenceTransformer {
        let encoder = SentenceTransformer.untrained()
        return SentenceTransformer(encoder.input, [Pooling(width: encoder.embeddingDimension), FaultyModule(fault)])
    }
}
