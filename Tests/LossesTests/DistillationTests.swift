import Autodiff
import Foundation
import JSON
import Layers
import Losses
import ModelFiles
import Testing

struct DistillationTests {
    private func draw(_ shape: [Int], _ number: UInt64) -> Tensor { .normal(shape, dtype: .float64, key: RandomKey(number)) }

    // MARK: What is refused before training

    private func message(
        _ loss: any Loss, columns: Int, labels: [Int]?, width: Int = 8
    ) -> String {
        let facts = labels.map { LossSetting.Labels(name: "teacher", shape: $0, areIntegers: false, range: -1...1, distinctCount: nil) }
        do {
            try loss.validate(
                LossSetting(
                    textColumns: (0..<columns).map { "text\($0)" }, labels: facts, embeddingDimension: width, layerCount: 2))
            return ""
        } catch {
            return "\(error)"
        }
    }

    static let projecting = EmbedDistillLoss(embeddingDimension: 8, projectionDimension: 5)

    @Test(
        arguments: [
            (MSELoss(), 1, [8]), (MSELoss(), 3, [8]), (MSELoss(), 3, [3, 8]), (projecting, 2, [5]), (projecting, 2, [2, 5]),
            (MarginMSELoss(), 3, []), (MarginMSELoss(), 3, [1]), (MarginMSELoss(), 3, [2]), (MarginMSELoss(), 5, [3]),
            (MarginMSELoss(), 5, [4]), (DistillKLDivLoss(), 3, [2]), (DistillKLDivLoss(), 5, [4]),
            (Matryoshka(MSELoss(), dimensions: [8, 4]), 2, [8]), (Matryoshka(MSELoss(), dimensions: [8, 4]), 2, [2, 8]),
            (Matryoshka(MarginMSELoss(), dimensions: [8, 4]), 5, [3]), (AdaptiveLayer(projecting), 2, [5]),
            (Matryoshka(projecting, dimensions: [8]), 1, [5]), (GlobalOrthogonalRegularizationLoss(), 1, nil),
            (GlobalOrthogonalRegularizationLoss(), 4, [7]),
        ] as [(any Loss, Int, [Int]?)]) func labelsOfTheRightShapePass(_ loss: any Loss, _ columns: Int, _ labels: [Int]?)
    {
        #expect(message(loss, columns: columns, labels: labels) == "")
    }

    @Test(
        arguments: [
            (MSELoss(), 2, nil, "MSELoss needs a label for each row"),
            (
                MSELoss(), 2, [],
                "MSELoss takes teacher vectors as labels, [8] for all columns or [2, 8], one for each, "
                    + "but column teacher holds one number a row"
            ),
            (MSELoss(), 2, [9], "holds lists of shape [9]; set projection_dim"),
            (MSELoss(), 2, [3, 8], "holds lists of shape [3, 8]"),
            (EmbedDistillLoss(), 1, [2, 8], "EmbedDistillLoss takes teacher vectors"),
            (projecting, 2, [8], "[5] for all columns or [2, 5], one for each, but column teacher holds lists of shape [8]"),
            (
                EmbedDistillLoss(embeddingDimension: 6, projectionDimension: 5), 1, [5],
                "the projection takes embeddings of 6 numbers, but the model's have 8"
            ),
            (MarginMSELoss(), 2, [], "MarginMSELoss takes 3 or more text columns"),
            (
                MarginMSELoss(), 3, [3],
                "takes one margin a row, or 2 scores, that of the positive first, but column teacher holds lists of shape [3]"
            ),
            (MarginMSELoss(), 5, [], "takes 3 margins a row, one for each negative, or 4 scores"),
            (
                DistillKLDivLoss(), 4, [2],
                "DistillKLDivLoss takes 3 teacher scores a row, one for each candidate, but column teacher holds lists of shape [2]"
            ),
            (DistillKLDivLoss(), 3, [], "takes 2 teacher scores a row"),
            (
                CosineSimilarityLoss(), 2, [8],
                "CosineSimilarityLoss takes one number a row as label, but column teacher holds lists of shape [8]"
            ),
            (Matryoshka(MSELoss(), dimensions: [8, 4]), 2, [4], "MSELoss takes teacher vectors as labels, [8]"),
            (Matryoshka(projecting, dimensions: [8, 4]), 2, [5], "needs embeddings of full width"),
            (MultipleNegativesRankingLoss() + MSELoss(), 2, [7], "MSELoss takes teacher vectors"),
        ] as [(any Loss, Int, [Int]?, String)]) func labelsOfAnotherShapeAreRefused(
            _ loss: any Loss, _ columns: Int, _ labels: [Int]?, _ words: String
        )
    {
        let message = message(loss, columns: columns, labels: labels)
        #expect(message.contains(words), "\(message)")
    }

    @Test(arguments: [
        ("MSELoss", #"{"projection_dim": 0}"#, "projection_dim must be 1 or more, not 0"),
        ("EmbedDistillLoss", #"{"distance_metric": "dot"}"#, "distance_metric must be one of cosine, l2, mse"),
        ("DistillKLDivLoss", #"{"student_temperature": 0}"#, "student_temperature must be more than 0"),
        ("GlobalOrthogonalRegularizationLoss", #"{"mean_weight": 0, "second_moment_weight": 0}"#, "mean_weight must be other than 0"),
    ]) func optionsThatCannotBeAreRefused(_ name: String, _ options: String, _ words: String) throws {
        guard case .object(let options) = try JSONValue.parse(Array(options.utf8)) else { return }
        let error = #expect(throws: LossInputError.self) { try LossCatalog.loss(named: name, options: options) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    // MARK: Meaning

    @Test func aCandidateWithoutATeacherScoreIsAsIfTheTeacherNeverSawIt() {
        let columns = (0..<4).map { draw([1, 6], UInt64($0)) }
        let loss = DistillKLDivLoss()
        let excluded = loss(columns, labels: Tensor([[0.5, -.infinity, 1.5]], dtype: .float64)).item
        // P = softmax(0.5, 1.5) on the first and third; Q over all three.
        let q = Tensor.concatenating(columns.dropFirst().map { pairwiseDotProduct(columns[0], $0) }).logSoftmax().values
        let p = [1 / (1 + M_E), M_E / (1 + M_E)]
        #expect(abs(excluded - (p[0] * (log(p[0]) - q[0]) + p[1] * (log(p[1]) - q[2]))) < 1e-12)
    }

    @Test func aTeacherThatAgreesCostsNothing() {
        let columns = (0..<4).map { draw([5, 6], UInt64($0)) }
        let scores = Tensor.concatenating(columns.dropFirst().map { pairwiseDotProduct(columns[0], $0).reshaped([5, 1]) }, alongAxis: 1)
        #expect(abs(DistillKLDivLoss()(columns, labels: scores).item) < 1e-14)
        #expect(MarginMSELoss()(columns, labels: scores).item == 0)
        #expect(EmbedDistillLoss(distanceMetric: .l2)([columns[0]], labels: columns[0]).item == 0)
    }

    @Test func teachersGetNoGradient() {
        let columns = (0..<3).map { draw([4, 6], UInt64($0)) }
        for (loss, shape) in [(MSELoss(), [4, 6]), (MarginMSELoss(), [4, 2]), (DistillKLDivLoss(), [4, 2])] as [(any Loss, [Int])] {
            let gradients = valueAndGradients(at: columns + [draw(shape, 9)]) { loss.value(of: Array($0.prefix(3)), labels: $0[3]) }
                .gradients
            #expect(gradients[0].norm(alongAxis: 1).values.allSatisfy { $0 > 0 })
            #expect(gradients[3].values.allSatisfy { $0 == 0 }, "\(loss.name)")
        }
    }

    @Test(arguments: [1, 7, 10, 39, 1 << 20]) func regularizationInBlocksIsThatOfTheWholeMatrix(_ elements: Int) {
        let columns = [draw([10, 6], 1), draw([10, 6], 2)]
        var loss = GlobalOrthogonalRegularizationLoss(meanWeight: 0.7)
        let (whole, expected) = valueAndGradients(at: columns) { loss.value(of: $0) }
        loss.elementsPerBlock = elements
        let (value, gradients) = valueAndGradients(at: columns) { [loss] in loss.value(of: $0) }
        #expect(abs(value.item - whole.item) < 1e-14)
        for (a, b) in zip(gradients, expected) { #expect(a.maximumDifference(to: b) < 1e-14) }
        let blockwise = loss
        #expect(gradientCheck(at: columns, order: 2) { blockwise.value(of: $0) }.passed)
    }

    // MARK: Projection

    @Test func aProjectionIsSavedAndLoaded() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("projection-\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: url) }
        let loss = EmbedDistillLoss(distanceMetric: .l2, embeddingDimension: 8, projectionDimension: 5, key: RandomKey(3))
        #expect(loss.parameters.map(\.name) == ["projection.weight", "projection.bias"])
        let bound = 1 / 8.0.squareRoot()
        #expect(loss.parameters.allSatisfy { $0.parameter.value.values.allSatisfy { abs($0) <= bound && $0 != 0 } })
        try loss.saveProjection(to: url)
        #expect(try SafetensorsFile(contentsOf: url).names.sorted() == ["bias", "weight"])

        let columns = [Tensor.normal([4, 8], key: RandomKey(5))], teacher = Tensor.normal([4, 5], key: RandomKey(6))
        let other = EmbedDistillLoss(distanceMetric: .l2, embeddingDimension: 8, projectionDimension: 5, key: RandomKey(4))
        #expect(other(columns, labels: teacher).item != loss(columns, labels: teacher).item)
        for fresh in [other, EmbedDistillLoss(distanceMetric: .l2)] {
            #expect(try fresh.loadingProjection(from: url)(columns, labels: teacher).item == loss(columns, labels: teacher).item)
        }
        let narrower = EmbedDistillLoss(embeddingDimension: 8, projectionDimension: 4)
        let error = #expect(throws: ModelFileError.self) { try narrower.loadingProjection(from: url) }
        #expect(error?.description.contains("[5, 8], but [4, 8] is needed") == true, "\(String(describing: error))")
        #expect(throws: LossInputError.self) { try MSELoss().saveProjection(to: url) }
    }

    @Test func reportsUseTheReferencesNames() {
        #expect(MSELoss().name == "MSELoss" && MSELoss().configuration.map(\.key) == ["projection_dim"])
        #expect(EmbedDistillLoss().configuration.map(\.key) == ["distance_metric", "projection_dim"])
        #expect(Self.projecting.configuration.map(\.value) == ["cosine", "5"])
        #expect(DistillKLDivLoss().configuration.map(\.value) == ["pairwise_dot_score", "1.0", "none", "none"])
        #expect(
            DistillKLDivLoss(teacherTemperature: 2).configuration.map(\.key)
                == ["similarity_fct", "temperature", "student_temperature", "teacher_temperature"])
        #expect(
            GlobalOrthogonalRegularizationLoss().configuration.map(\.key)
                == ["similarity_fct", "mean_weight", "second_moment_weight", "aggregation"])
    }
}
