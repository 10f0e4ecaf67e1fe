import Autodiff
import Losses

/// Labels of the four rows: scores, similar or not, classes. A guide's column c is column c + 10 of the embeddings.
extension WorkedFiguresTests {
    private static let scores = Tensor([0.125, 0.875, 0.5, 0.5], dtype: .float64)
    private static let similar = Tensor([1, 0, 1, 0], dtype: .float64)
    private static let classes = Tensor([0, 0, 1, 1], dtype: .float64)
    private static let guide = SideInputs([.stacking((10..<13).map { column($0) })])

    private static func row(
        _ name: String, _ loss: any Loss, columns: Int, labels: Tensor? = nil, sides: SideInputs = [],
        _ figures: (value: Double, first: Double, length: Double)
    ) -> Row {
        Row(
            testDescription: name, loss: loss, columns: columns, labels: labels, sides: sides, value: figures.value,
            first: figures.first, length: figures.length)
    }

    private static func hard(_ mode: MultipleNegativesRankingLoss.Hardness) -> MultipleNegativesRankingLoss {
        MultipleNegativesRankingLoss(scale: 2, hardness: mode, hardnessStrength: 3)
    }

    static let own = [
        row("CoSENTLoss", CoSENTLoss(), columns: 2, labels: scores, (5.205362808, 2.1039026, 18.484098)),
        row("AnglELoss, labels", AnglELoss(), columns: 2, labels: scores, (13.08054654, 9.6402576, 29.841928)),
        row("AnglELoss, no labels", AnglELoss(), columns: 3, (25.01538946, -2.4003483e-05, 23.561661)),
        row("CosineSimilarityLoss", CosineSimilarityLoss(), columns: 2, labels: scores, (0.1620314525, 0.027129163, 0.32867039)),
        row("ContrastiveLoss, cosine", ContrastiveLoss(), columns: 2, labels: similar, (0.108376289, -0.036800221, 0.17745661)),
        row(
            "ContrastiveLoss, Euclidean", ContrastiveLoss(distanceMetric: .euclidean, margin: 4), columns: 2, labels: similar,
            (1.900569859, -0.066269685, 1.3786116)),
        row(
            "ContrastiveLoss, Manhattan", ContrastiveLoss(distanceMetric: .manhattan, margin: 4), columns: 2, labels: similar,
            (5.258356485, -1.0908975, 5.616951)),
        row("OnlineContrastiveLoss", OnlineContrastiveLoss(), columns: 2, labels: similar, (0.458255683, 0, 1.0381887)),
        row("TripletLoss, cosine", TripletLoss(distanceMetric: .cosine), columns: 3, (3.846820707, -0.028576492, 0.33814008)),
        row("TripletLoss, Euclidean", TripletLoss(), columns: 3, (3.711138167, -0.090618096, 0.77671827)),
        row("TripletLoss, Manhattan", TripletLoss(distanceMetric: .manhattan), columns: 3, (2.439032943, -0.5, 2.1213203)),
        row("BatchAllTripletLoss", BatchAllTripletLoss(), columns: 1, labels: classes, (5.918456364, -0.12830263, 0.43357977)),
        row(
            "BatchAllTripletLoss, cosine", BatchAllTripletLoss(distanceMetric: .cosine, margin: 0.2), columns: 1, labels: classes,
            (1.014360422, -0.16761803, 0.35268604)),
        row("BatchHardTripletLoss", BatchHardTripletLoss(), columns: 1, labels: classes, (6.283988359, -0.30662981, 0.95173055)),
        row(
            "BatchHardTripletLoss, cosine", BatchHardTripletLoss(distanceMetric: .cosine, margin: 0.2), columns: 1, labels: classes,
            (1.330671083, -0.29572609, 0.64567444)),
        row("BatchSemiHardTripletLoss", BatchSemiHardTripletLoss(), columns: 1, labels: classes, (5.55292437, 0.050024558, 0.6424082)),
        row(
            "BatchSemiHardTripletLoss, cosine", BatchSemiHardTripletLoss(distanceMetric: .cosine, margin: 0.2), columns: 1, labels: classes,
            (0.6980497621, -0.039509967, 0.56659007)),
        row(
            "BatchHardSoftMarginTripletLoss", BatchHardSoftMarginTripletLoss(), columns: 1, labels: classes,
            (1.533860356, -0.22535941, 0.74387638)),
        row("MultipleNegativesRankingLoss, 2 columns", ranking, columns: 2, (0.5999523004, -0.0012530272, 4.8000782)),
        row("MultipleNegativesRankingLoss, 4 columns", ranking, columns: 4, (8.798609866, -1.7002195, 8.9395767)),
        row(
            "MultipleNegativesRankingLoss, all directions",
            MultipleNegativesRankingLoss(directions: Set(MultipleNegativesRankingLoss.Direction.allCases)), columns: 3,
            (8.155392577, -2.6361626, 10.321297)),
        row(
            "MultipleNegativesSymmetricRankingLoss", MultipleNegativesSymmetricRankingLoss(), columns: 3,
            (4.11339679, -1.4121132, 5.4483149)),
        row(
            "MultipleNegativesRankingLoss, in-batch hardness", hard(.inBatchNegatives), columns: 4,
            (3.815587847, -0.16670103, 0.80792788)),
        row(
            "MultipleNegativesRankingLoss, hard-negative hardness", hard(.hardNegatives), columns: 4,
            (2.271489378, -0.12293226, 0.72426661)),
        row("MultipleNegativesRankingLoss, hardness of all", hard(.allNegatives), columns: 4, (3.810770991, -0.16698911, 0.80830046)),
        row(
            "MultipleNegativesRankingLoss, dot product", MultipleNegativesRankingLoss(scale: 1, similarity: .dot), columns: 3,
            (1.976475371, -0.24530012, 1.3239443)),
        row("MegaBatchMarginLoss", MegaBatchMarginLoss(), columns: 2, (0.5069836234, -0.057559774, 0.38889118)),
        row(
            "GISTEmbedLoss", GISTEmbedLoss(guide: nil, temperature: 0.05), columns: 3, sides: guide,
            (0.7748245913, -0.23545459, 5.0785134)),
        row(
            "GISTEmbedLoss, relative margin",
            GISTEmbedLoss(
                guide: nil, temperature: 0.05, marginStrategy: .relative, margin: 0.1, contrastsAnchors: false,
                contrastsPositives: false), columns: 3, sides: guide, (0.6000535846, -0.0015126338, 4.7999786)),
    ]
}
