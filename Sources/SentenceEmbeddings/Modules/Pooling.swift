import Autodiff
import Foundation
import Layers
import ModelFiles
import Requirements

/// Makes one vector of the token vectors of a sequence; several modes are put side by side.
public struct Pooling: EmbeddingModule {
    /// What it pools, as the file says it.
    public let configuration: PoolingConfiguration

    public static var typeName: String { ModuleKind.pooling.typeName(.version6) }

    /// A pooling of token embeddings of a width; several modes stand side by side.
    public init(width: Int, modes: [PoolingMode] = [.mean]) {
        configuration = PoolingConfiguration(embeddingDimension: width, modes: modes)
    }

    /// Reads the configuration.
    ///
    /// - Throws: `ModelFileError`.
    public init(folder: URL) throws {
        configuration = try .read(fromFolder: folder)
    }

    public func outputDimension(of inputDimension: Int?) -> Int? { configuration.outputDimension }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? {
        mismatch(needingTokenEmbeddingsOf: configuration.embeddingDimension, tokenWidth)
    }

    public var summary: String { configuration.modes.map(\.rawValue).joined(separator: " + ") }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        guard let tokens = features.tokenEmbeddings else { refuse("Pooling: there are no token embeddings") }
        var features = features
        let skipped = configuration.includesPrompt ? nil : features.batch.promptLengths
        let pooled = RaggedRows(rows: tokens, offsets: features.batch.offsets).dropping(skipped)
        features.sentenceEmbedding = .concatenating(
            configuration.modes.map { $0.pool(pooled, skipped: skipped, weightSums: features.tokenWeightSums) }, alongAxis: 1)
        return features
    }

    public func copied() -> Pooling { self }

    public func save(to folder: URL) throws { try configuration.write(toFolder: folder) }
}

/// Rows `[T, H]` and where the sequences begin.
struct RaggedRows {
    let rows: Tensor
    let offsets: Offsets

    /// Without the first rows of each sequence; nil: with all.
    func dropping(_ counts: [Int]?) -> RaggedRows {
        guard let counts else { return self }
        let kept = (0..<offsets.count).map { offsets[$0].dropFirst(counts[$0]) }
        return RaggedRows(
            rows: rows.gatheringRows(at: Tensor(indices: kept.flatMap { $0 })), offsets: Offsets(lengths: kept.map(\.count)))
    }
}

extension PoolingMode {
    /// `[B, H]`.
    ///
    /// - Parameters:
    ///   - tokens: What is pooled.
    ///   - skipped: Tokens that were left out before each sequence; nil: none.
    ///   - weightSums: `[B, 1]`: what means divide by; nil: by what they count.
    func pool(_ tokens: RaggedRows, skipped: [Int]?, weightSums: Tensor?) -> Tensor {
        let (x, offsets) = (tokens.rows, tokens.offsets), sums = weightSums?.clamped(from: 1e-9)
        func weights(_ weight: (_ length: Double) -> Double) -> Tensor {
            Tensor(offsets.lengths.map { weight(Double($0)) }, shape: [offsets.count, 1], dtype: x.dtype)
        }
        switch self {
        case .cls: return x.segmentFirst(offsets)
        case .max: return x.segmentMax(offsets)
        case .mean: return sums.map { x.segmentSum(offsets) / $0 } ?? x.segmentMean(offsets)
        case .meanSqrtLength:
            if let sums { return x.segmentSum(offsets) / sums.sqrt() }
            return x.segmentSum(offsets) * weights { 1 / Swift.max($0, 1e-9).squareRoot() }
        case .lastToken: return x.segmentLast(offsets)
        case .weightedMean:
            // Positions count from one, and from the start of the text even where a prompt is left out.
            let starts = skipped ?? [Int](repeating: 0, count: offsets.count)
            let positions = zip(offsets.lengths, starts).flatMap { length, start in (0..<length).map { Double($0 + start + 1) } }
            let totals = zip(offsets.lengths, starts).map { length, start in
                1 / Swift.max(Double(length * (length + 1) / 2 + start * length), 1e-9)
            }
            let sum = (x * Tensor(positions, shape: [positions.count, 1], dtype: x.dtype)).segmentSum(offsets)
            return sums.map { sum / $0 } ?? sum * Tensor(totals, shape: [offsets.count, 1], dtype: x.dtype)
        }
    }
}
