import Autodiff
import Foundation
import Layers
import ModelFiles
import Options
import Requirements

/// Embeddings shall be those of a teacher.
///
/// The mean over the columns, and over their rows, of the distance `d(x, t)` of an embedding from its teacher's:
/// `1 − cos(x, t)` with each length at least 1e-8 (`cosine`), `‖x − t‖` (`l2`), or the mean over the numbers of
/// `(x − t)²` (`mse`). Where the teacher's vectors have another width, a projection `x Wᵀ + b`, trained beside the model
/// and no part of it, brings the embeddings there.
///
/// - Inputs: one or more text columns; as labels the teacher's vectors: `[B, Dt]` for all columns, or `[B, C, Dt]`, one
///   for each.
/// - Reference: Kim et al. 2023, *EmbedDistill* (arXiv:2301.12005); Reimers & Gurevych 2020 (arXiv:2004.09813).
/// - Relatives: `MSELoss` is this one with `mse`; `MarginMSELoss` and `DistillKLDivLoss` learn a teacher's scores.
public struct EmbedDistillLoss: EmbeddingLoss {
    /// The distance of an embedding from its teacher's.
    public enum DistanceMetric: String, CaseIterable, OptionChoice {
        /// One minus the cosine, the Euclidean distance, the mean squared difference.
        case cosine, l2, mse
    }

    public let inputs = LossInputs(columns: ["text"], allowsMoreColumns: true, labels: .teacher)
    /// The distance of an embedding from its teacher's.
    public var distanceMetric: DistanceMetric
    /// `[D] → [Dt]`.
    public let projection: Linear?
    /// Dt, where the projection waits to be told D.
    private var awaitedDimension: Int?

    /// A loss with a projection that exists, or without one.
    public init(distanceMetric: DistanceMetric = .cosine, projection: Linear? = nil) {
        self.distanceMetric = distanceMetric
        self.projection = projection
    }

    /// With a projection whose numbers are drawn from `−1/√D … 1/√D`.
    ///
    /// - Parameters:
    ///   - distanceMetric: Of an embedding from its teacher's.
    ///   - embeddingDimension: D, the width of the model's embeddings.
    ///   - projectionDimension: Dt, the width of the teacher's.
    ///   - dtype: Of the projection.
    ///   - key: Draws it.
    public init(
        distanceMetric: DistanceMetric = .cosine, embeddingDimension: Int, projectionDimension: Int, dtype: DType = .float32,
        key: RandomKey = RandomKey(42)
    ) {
        let bound = 1 / Double(embeddingDimension).squareRoot()
        func draw(_ shape: [Int], _ number: UInt64) -> Tensor {
            .uniform(shape, from: -bound, to: bound, dtype: dtype, key: key.folded(with: number))
        }
        self.init(
            distanceMetric: distanceMetric,
            projection: Linear(
                weight: draw([projectionDimension, embeddingDimension], 0), bias: draw([projectionDimension], 1)))
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let teachers = teacherVectors(labels, for: embeddings)  // [B, Dt] each
        let distances = zip(embeddings, teachers).map { x, t in distance(projection.map { $0(x) } ?? x, t).mean() }
        return Tensor.stacking(distances).mean()
    }

    private func distance(_ x: Tensor, _ t: Tensor) -> Tensor {
        switch distanceMetric {
        case .cosine: 1 - pairwiseCosineSimilarity(x, t, epsilon: 1e-8)  // [B]
        case .l2: pairwiseEuclideanDistance(x, t)  // [B]
        case .mse: (x - t).square()  // [B, Dt]
        }
    }

    private func teacherVectors(_ labels: Tensor?, for embeddings: [Tensor]) -> [Tensor] {
        let (rows, columns) = (embeddings[0].shape[0], embeddings.count)
        guard let labels = labels?.cast(to: embeddings[0].dtype).detached(), labels.shape.first == rows,
            labels.rank == 2 || labels.rank == 3 && labels.shape[1] == columns
        else {
            refuse(
                "\(name): needs teacher vectors [\(rows), Dt] or [\(rows), \(columns), Dt], "
                    + "not \(labels?.shape.description ?? "none")")
        }
        if labels.rank == 2 { return embeddings.map { _ in labels } }
        return (0..<columns).map { labels.sliced($0..<$0 + 1, alongAxis: 1).reshaped([rows, -1]) }
    }

    public var parameters: [NamedParameter] {
        projection.map { $0.namedParameters.named(under: "projection") } ?? []
    }
    public var acceptsTruncatedEmbeddings: Bool { projection == nil }

    public func check(_ setting: LossSetting) throws {
        if let input = projection?.weight.shape[1], input != setting.embeddingDimension {
            throw LossInputError(
                "\(name): the projection takes embeddings of \(input) numbers, but the model's have "
                    + "\(setting.embeddingDimension)")
        }
        let width = projection?.weight.shape[0] ?? setting.embeddingDimension
        guard let labels = setting.labels, labels.shape != [width], labels.shape != [setting.textColumns.count, width] else { return }
        let remedy = projection == nil && labels.shape.count > 0 ? "; set projection_dim for a teacher of another width" : ""
        throw LossInputError(
            "\(name) takes teacher vectors as labels, [\(width)] for all columns or "
                + "[\(setting.textColumns.count), \(width)], one for each, but column \(labels.name) holds \(labels.content)\(remedy)")
    }

    /// Writes the projection as a safetensors file with `weight` and `bias`: models are saved without it.
    ///
    /// - Throws: ``LossInputError`` if there is none, and `ModelFileError`.
    public func saveProjection(to url: URL) throws {
        guard let projection else { throw LossInputError("\(name) has no projection to save: set projection_dim") }
        try Weights.save(projection.namedTensors, to: url)
    }

    /// The same loss with the projection of a file.
    ///
    /// - Throws: `ModelFileError` if the file holds none, or one of another shape than this loss's.
    public func loadingProjection(from url: URL) throws -> EmbedDistillLoss {
        let file = try SafetensorsFile(contentsOf: url)
        guard let shape = projection?.weight.shape ?? file["weight"]?.shape, shape.count == 2 else {
            throw ModelFileError(.malformed, file: url.path, place: "weight", problem: "a projection needs a matrix of this name")
        }
        let loaded = Linear(inputWidth: shape[1], outputWidth: shape[0], key: nil)
        try Weights.load(loaded.namedParameters, from: file)
        return EmbedDistillLoss(distanceMetric: distanceMetric, projection: loaded)
    }

    private var projectionDimension: Int? {
        get { projection?.weight.shape[0] ?? awaitedDimension }
        set { awaitedDimension = newValue }
    }

    public func completed(in surroundings: LossSurroundings) throws -> EmbedDistillLoss {
        guard projection == nil, let projectionDimension else { return self }
        guard let width = surroundings.embeddingDimension else {
            throw LossInputError("projection_dim needs a model, whose embeddings' width is the projection's other side")
        }
        return EmbedDistillLoss(distanceMetric: distanceMetric, embeddingDimension: width, projectionDimension: projectionDimension)
    }

    private var isMSE: Bool { distanceMetric == .mse }
    public var name: String { isMSE ? "MSELoss" : "EmbedDistillLoss" }
    public var summary: String {
        "Embeddings shall be those of a teacher, by " + (isMSE ? "the mean squared difference." : "cosine or distance.")
    }
    public var formula: String { isMSE ? "mean_c mean_i mean_d (x_c[i, d] − t[i, d])²" : "mean_c mean_i (1 − cos(x_c[i], t[i]))" }
    public var options: [OptionRow<Self>] {
        (isMSE ? [] : [.init("distance_metric", \.distanceMetric, "of an embedding from its teacher's")]) + [
            .init(
                "projection_dim", \.projectionDimension,
                "width of the teacher's vectors, where it is another than the embeddings'", .atLeast(1))
        ]
    }
    public var citation: String? {
        if isMSE {
            return """
                @inproceedings{reimers-2020-multilingual-sentence-bert,
                    title = {Making Monolingual Sentence Embeddings Multilingual using Knowledge Distillation},
                    author = {Reimers, Nils and Gurevych, Iryna},
                    booktitle = {Proceedings of the 2020 Conference on Empirical Methods in Natural Language Processing},
                    year = {2020},
                    url = {https://arxiv.org/abs/2004.09813}
                }
                """
        }
        return Citations.arXiv(
            "kim2023embeddistill", title: "EmbedDistill: A Geometric Knowledge Distillation for Information Retrieval",
            author: "Kim, Seungyeon and Rawat, Ankit Singh and Zaheer, Manzil and Jayasumana, Sadeep and Sadhanala, "
                + "Veeranjaneyulu and Jitkrittum, Wittawat and Menon, Aditya Krishna and Fergus, Rob and Kumar, Sanjiv",
            year: 2023, eprint: "2301.12005")
    }
}

/// Embeddings shall be those of a teacher, by the mean squared difference.
public func MSELoss() -> EmbedDistillLoss { EmbedDistillLoss(distanceMetric: .mse) }
