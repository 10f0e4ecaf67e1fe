import Autodiff
import Foundation
import Losses
import Testing

/// The losses on embeddings made by a formula, so that anyone can work the figures again with other tools:
/// `X_c[i][k] = sin(0.7 + 1.3 c + 2.1 i + 0.9 k + 0.37 i k)`, 4 rows of 6 numbers, and teachers from column 5 of the same.
struct WorkedFiguresTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let loss: any Loss
        let columns: Int
        var labels: Tensor?
        var sides: SideInputs = []
        var layers = 0
        /// The loss, its derivative by the first number of the first column, and the length of its whole gradient.
        let value, first, length: Double
    }

    static func column(_ c: Int, shift: Double = 0) -> Tensor {
        let numbers = (0..<24).map { index in
            let (i, k) = (Double(index / 6), Double(index % 6))
            return sin(0.7 + 1.3 * Double(c) + 2.1 * i + 0.9 * k + 0.37 * i * k + shift)
        }
        return Tensor(numbers, shape: [4, 6], dtype: .float64)
    }

    static func teacher(_ width: Int) -> Tensor { column(5).sliced(0..<width, alongAxis: 1) }

    static let ranking = MultipleNegativesRankingLoss()

    static func adaptive(_ weighting: LayerWeighting, temperature: Double = 0.3) -> AdaptiveLayer {
        AdaptiveLayer(ranking, layersPerStep: nil, klTemperature: temperature, layerWeighting: weighting)
    }

    static let taught = [
        Row(
            testDescription: "MSELoss", loss: MSELoss(), columns: 2, labels: teacher(6),
            value: 0.2705838471, first: -0.0062270907, length: 0.15016209),
        Row(
            testDescription: "EmbedDistillLoss, cosine", loss: EmbedDistillLoss(), columns: 2, labels: teacher(6),
            value: 0.2676670117, first: -0.0056525297, length: 0.13006087),
        Row(
            testDescription: "EmbedDistillLoss, l2", loss: EmbedDistillLoss(distanceMetric: .l2), columns: 2, labels: teacher(6),
            value: 1.065513684, first: -0.054453364, length: 0.35355339),
        Row(
            testDescription: "MarginMSELoss, margins", loss: MarginMSELoss(), columns: 4, labels: teacher(2),
            value: 10.16892617, first: 2.1649125, length: 10.65286),
        Row(
            testDescription: "MarginMSELoss, scores", loss: MarginMSELoss(), columns: 4, labels: teacher(3),
            value: 12.03555222, first: 2.7035423, length: 11.761483),
        Row(
            testDescription: "DistillKLDivLoss", loss: DistillKLDivLoss(), columns: 4, labels: teacher(3),
            value: 1.167450561, first: 0.20794136, length: 0.98777084),
        Row(
            testDescription: "DistillKLDivLoss, temperatures 0.5 and 2",
            loss: DistillKLDivLoss(studentTemperature: 0.5, teacherTemperature: 2), columns: 4, labels: teacher(3),
            value: 0.8149773862, first: 0.11708185, length: 0.54791984),
        Row(
            testDescription: "GlobalOrthogonalRegularizationLoss", loss: GlobalOrthogonalRegularizationLoss(), columns: 2,
            value: 0.2837062579, first: -0.044870969, length: 0.17922346),
        Row(
            testDescription: "GlobalOrthogonalRegularizationLoss, sum",
            loss: GlobalOrthogonalRegularizationLoss(aggregation: .sum), columns: 2,
            value: 0.5674125158, first: -0.089741938, length: 0.35844693),
        Row(
            testDescription: "MatryoshkaLoss(MultipleNegativesRankingLoss)",
            loss: Matryoshka(ranking, dimensions: [6, 4, 2], weights: [1, 0.5, 0.25]), columns: 3,
            value: 15.24799078, first: -4.890866, length: 16.575259),
        Row(
            testDescription: "MatryoshkaLoss(MSELoss)", loss: Matryoshka(MSELoss(), dimensions: [6, 3]), columns: 2,
            labels: teacher(6), value: 0.5339211014, first: -0.013898288, length: 0.23690972),
        Row(
            testDescription: "AdaptiveLayerLoss, uniform", loss: adaptive(.uniform), columns: 2, layers: 3,
            value: 2.861829622, first: -0.0012530272, length: 4.8000782),
        Row(
            testDescription: "AdaptiveLayerLoss, log", loss: adaptive(.log), columns: 2, layers: 3,
            value: 2.664349376, first: -0.0012530272, length: 4.8000782),
        Row(
            testDescription: "AdaptiveLayerLoss, linear", loss: adaptive(.linear), columns: 2, layers: 3,
            value: 2.619098278, first: -0.0012530272, length: 4.8000782),
        Row(
            testDescription: "AdaptiveLayerLoss, no divergence", loss: adaptive(.uniform, temperature: 0), columns: 2, layers: 3,
            value: 1.420685597, first: -0.0012530272, length: 4.8000782),
        Row(
            testDescription: "Matryoshka2dLoss",
            loss: Matryoshka2dLoss(ranking, dimensions: [6, 3], layersPerStep: nil, dimensionsPerStep: nil), columns: 2,
            layers: 3, value: 22.89838765, first: -4.0358616, length: 17.978133),
    ]

    @Test(arguments: taught + own) func figures(_ row: Row) {
        let lower = (0..<row.layers).map { layer in
            (0..<row.columns).map { Self.column($0, shift: 0.5 * Double(3 - layer)) }
        }
        let (value, gradients) = valueAndGradients(at: (0..<row.columns).map { Self.column($0) }) { columns in
            row.loss(LossBatch(columns, labels: row.labels, sides: row.sides, layers: lower.isEmpty ? [] : lower + [columns])).total
        }
        #expect(abs(value.item - row.value) <= 5e-9 * max(1, row.value))
        #expect(abs(gradients[0].values[0] - row.first) <= 1e-6)
        let length = gradients.reduce(0) { $0 + $1.square().sum().item }.squareRoot()
        #expect(abs(length - row.length) <= 1e-6 * row.length)
    }
}
