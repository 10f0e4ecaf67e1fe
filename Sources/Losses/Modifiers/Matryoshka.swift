import Autodiff
import Layers
import Options

/// Any loss at several widths at once, so that the first numbers of an embedding serve as a smaller one.
///
/// `Σ w_d · loss(x̂[:, :d])` over the dimensions d: every column is cut to d numbers and divided by its length, the full
/// width included. A plain weighted sum: it grows with the number of dimensions. Teacher vectors as long as the
/// embeddings are cut alike, and not normalized.
///
/// - Inputs: those of the loss inside.
/// - Reference: Kusupati et al. 2022, *Matryoshka Representation Learning* (arXiv:2205.13147).
/// - Relatives: `AdaptiveLayer`, which does the same with layers; around both, `Cached`.
public struct Matryoshka: LossModifier {
    public var loss: any Loss
    /// How many dimensions a step draws; nil: it takes all.
    public var dimensionsPerStep: Int?
    /// As they were given.
    private var given: (dimensions: [Int], weights: [Double]?)

    /// A loss of several widths; without `dimensionsPerStep` every step takes all. Traps where weights and widths differ in number.
    public init(_ loss: any Loss, dimensions: [Int], weights: [Double]? = nil, dimensionsPerStep: Int? = nil) {
        self.loss = loss
        given = (dimensions, weights)
        self.dimensionsPerStep = dimensionsPerStep.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Largest first.
    public var dimensions: [Int] {
        get { order.map { given.dimensions[$0] } }
        set { given.dimensions = newValue }
    }
    /// One for each of the dimensions, in their order.
    public var weights: [Double] {
        get {
            guard let weights = given.weights else { return given.dimensions.map { _ in 1 } }
            // A list of another length is refused by `check`.
            return weights.count == given.dimensions.count ? order.map { weights[$0] } : weights
        }
        set { given.weights = newValue }
    }
    private var order: [Int] { given.dimensions.indices.sorted { given.dimensions[$0] > given.dimensions[$1] } }

    public var acceptsTruncatedEmbeddings: Bool { false }

    public func callAsFunction(_ batch: LossBatch) -> LossValue {
        self(batch, at: batch.key.map { $0.drawing(dimensionsPerStep, of: dimensions.count) } ?? Array(dimensions.indices))
    }

    /// The sum over chosen dimensions only.
    ///
    /// - Parameters:
    ///   - batch: With embeddings of full width.
    ///   - chosen: Positions in `dimensions`.
    public func callAsFunction(_ batch: LossBatch, at chosen: [Int]) -> LossValue {
        requireColumns(batch.embeddings)
        let width = batch.embeddings[0].shape[1], dimensions = dimensions, weights = weights
        let terms = chosen.map { position in
            let d = dimensions[position]
            var cut = batch.replacing(embeddings: batch.embeddings.map { $0.sliced(0..<d, alongAxis: 1).normalized() })
            if let labels = batch.labels, labels.rank > 1, labels.shape.last == width {
                cut.labels = labels.sliced(0..<d, alongAxis: -1)
            }
            cut.key = batch.key?.folded(with: UInt64(position))
            return loss(cut) * weights[position]
        }
        return terms.dropFirst().reduce(terms[0], +)
    }

    public func check(_ setting: LossSetting) throws {
        let width = setting.embeddingDimension
        let list = dimensions.map(String.init).joined(separator: ", ")
        guard let largest = dimensions.first, let smallest = dimensions.last, smallest > 0 else {
            throw LossInputError("Matryoshka takes one or more dimensions, each 1 or more, not [\(list)]")
        }
        guard largest <= width else {
            throw LossInputError("Matryoshka: dimension \(largest) is larger than the embeddings, which have \(width)")
        }
        guard weights.count == dimensions.count else {
            throw LossInputError("Matryoshka takes one weight for each of the dimensions \(list), not \(weights.count)")
        }
        guard !loss.needsEveryLayer else {
            throw LossInputError("Matryoshka goes inside of \(loss.name): write AdaptiveLayer(Matryoshka(…))")
        }
        guard loss.acceptsTruncatedEmbeddings || dimensions == [width] else {
            throw LossInputError("Matryoshka cannot be put around \(loss.name), which needs embeddings of full width")
        }
        for d in dimensions {
            var cut = setting
            cut.embeddingDimension = d
            if let shape = setting.labels?.shape, shape.last == width { cut.labels?.shape = shape.dropLast() + [d] }
            try loss.check(cut)
        }
    }

    /// Each row is divided by its length, whatever the loss inside does.
    public var laws: [LossLaw] { [.scaleInvariant] + loss.laws.filter { $0.holdsForAnyEmbeddings || $0 == .signInvariant } }
    public var lawExceptions: [LawException] { loss.lawExceptions }

    public var name: String { "MatryoshkaLoss" }
    public var summary: String { "Any loss at several widths at once, so that embeddings can be cut short." }
    public var formula: String { "Σ_d w_d · loss(unit(X[:, :d]))" }
    public var options: [OptionRow<Self>] {
        [
            .init("matryoshka_dims", \.dimensions, "widths, each at most that of the embeddings").defaulting(to: nil)
                .where("one or more widths") { !$0.dimensions.isEmpty },
            .init("matryoshka_weights", \.weights, "one weight a width").defaulting(to: "all 1"),
            .init("n_dims_per_step", \.dimensionsPerStep.orAll, "widths that a step draws; -1: all"),
        ]
    }
    public var citation: String? {
        Citations.arXiv(
            "kusupati2024matryoshka", title: "Matryoshka Representation Learning",
            author: "Kusupati, Aditya and Bhatt, Gantavya and Rege, Aniket and Wallingford, Matthew and Sinha, Aditya "
                + "and Ramanujan, Vivek and Howard-Snyder, William and Chen, Kaifeng and Kakade, Sham and Jain, Prateek "
                + "and Farhadi, Ali",
            year: 2024, eprint: "2205.13147")
    }
}

/// The name that the field knows it by.
public typealias MatryoshkaLoss = Matryoshka

extension RandomKey {
    /// `count` different numbers below `n`, in ascending order; all where none is asked for.
    func drawing(_ count: Int?, of n: Int) -> [Int] {
        guard let count, count < n else { return Array(0..<n) }
        let order = Tensor.uniform([n], dtype: .float64, key: self).values
        return (0..<n).sorted { order[$0] < order[$1] }.prefix(count).sorted()
    }
}
