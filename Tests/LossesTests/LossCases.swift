import Autodiff
import Foundation
import Losses
import ModelFiles
import Testing

/// One case of `Fixtures/losses`: a loss with its settings, and the reference's figures in float64.
struct LossCase: Sendable, CustomTestStringConvertible {
    let name: String
    let loss: any Loss
    let columns: [Tensor]
    let labels: Tensor?

    var testDescription: String { name }

    func reference(_ part: String) throws -> Tensor { try Self.file.tensor("\(name)/\(part)") }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/losses")
    static let file = try! SafetensorsFile(contentsOf: folder.appendingPathComponent("losses.safetensors"))

    static let all: [LossCase] = {
        let data = try! Data(contentsOf: folder.appendingPathComponent("losses.json"))
        let entries = try! JSONDecoder().decode([String: Entry].self, from: data)
        return entries.sorted { $0.key < $1.key }.map { name, entry in
            LossCase(
                name: name, loss: entry.loss(),
                columns: (0..<entry.columns).map { try! file.tensor("columns/\($0)") },
                labels: entry.labels.map { try! file.tensor("labels/\($0)").cast(to: .float64) })
        }
    }()

    private struct Entry: Decodable {
        let lossName: String
        let columns: Int
        let labels: String?
        let settings: Settings

        enum CodingKeys: String, CodingKey { case lossName = "loss", columns, labels, settings }

        func loss() -> any Loss {
            switch lossName {
            case "CoSENTLoss":
                return CoSENTLoss(scale: settings.scale ?? 20, similarity: PairwiseSimilarity.all
                    .first { $0.name == settings.similarity_fct ?? "pairwise_cos_sim" }!)
            case "CosineSimilarityLoss":
                return CosineSimilarityLoss()
            case "TripletLoss":
                let metrics = [TripletDistanceMetric.cosine, .euclidean, .manhattan]
                return TripletLoss(distanceMetric: metrics.first { $0.name == settings.distance_metric! }!,
                                   margin: settings.triplet_margin!)
            case "MultipleNegativesRankingLoss":
                return MultipleNegativesRankingLoss(
                    scale: settings.scale ?? 20, similarity: settings.similarity_fct == "dot_score" ? .dot : .cosine,
                    directions: Set((settings.directions ?? ["query_to_doc"]).map { .init(rawValue: $0)! }),
                    partition: .init(rawValue: settings.partition_mode ?? "joint")!,
                    hardness: settings.hardness_mode.map { .init(rawValue: $0)! },
                    hardnessStrength: settings.hardness_strength ?? 0)
            default:
                fatalError("the fixtures hold a loss named \(lossName)")
            }
        }
    }

    private struct Settings: Decodable {
        var scale, triplet_margin, hardness_strength: Double?
        var similarity_fct, distance_metric, partition_mode, hardness_mode: String?
        var directions: [String]?
    }
}
