import Autodiff
import Layers
@testable import Losses
import Synchronization
import Testing

/// Losses inside of losses: each part gets a key, side inputs and labels of its own, and counts as much as it was told to.
struct LossCombinationTests {
    /// Keeps what it is given; its value is the mean of all embeddings.
    private final class Probe: Loss {
        let inputs: LossInputs
        let sideValue: Double?
        let name: String
        private let seen = Mutex<[LossBatch]>([])

        init(_ name: String = "Probe", inputs: LossInputs = LossInputs(columns: ["a"], allowsMoreColumns: true), sideValue: Double? = nil) {
            (self.name, self.inputs, self.sideValue) = (name, inputs, sideValue)
        }

        var batches: [LossBatch] { seen.withLock { $0 } }
        func sideInputs(for texts: [[String]]) -> SideInputs { sideValue.map { [Tensor($0, dtype: .float64)] } ?? [] }
        func callAsFunction(_ batch: LossBatch) -> LossValue {
            seen.withLock { $0.append(batch) }
            return LossValue(components: [(name, batch.embeddings[0].sum())])
        }
    }

    private static let columns = [
        Tensor.normal([3, 6], dtype: .float64, key: RandomKey(1)), .normal([3, 6], dtype: .float64, key: RandomKey(2)),
    ]

    @Test func sumsGiveEachLossItsOwnKeyAndSideInputs() {
        let probes = [Probe("one", sideValue: 1), Probe("two"), Probe("three", sideValue: 3)]
        let loss = 2 * (probes[0] + 3 * probes[1]) + 0.5 * probes[2]
        #expect(loss.terms.map(\.weight) == [2, 6, 0.5] && loss.name == "2.0 one + 6.0 two + 0.5 three")
        let texts = [["a", "b", "c"], ["d", "e", "f"]]
        let value = loss(LossBatch(Self.columns, sides: loss.sideInputs(for: texts).cast(to: .float32), key: RandomKey(9)))
        let keys = probes.map { $0.batches[0].key! }
        #expect(Set(keys + [RandomKey(9)]).count == 4)
        #expect(probes.map { $0.batches[0].sides.tensors.map(\.item) } == [[1], [], [3]])
        #expect(probes[2].batches[0].sides.tensors[0].dtype == .float32)
        let sum = Self.columns[0].sum().item
        #expect(value.namedComponents.map(\.name) == ["one", "two", "three"])
        for (found, weight) in zip(value.namedComponents, [2, 6, 0.5]) { #expect(abs(found.value - weight * sum) < 1e-12) }
        #expect(abs(value.total.item - 8.5 * sum) < 1e-12)
        // Sums in sums keep their places, and losses of one name are added up.
        let nested = WeightedSum([
            (1, Probe("x", sideValue: 5)), (1, WeightedSum([(1, Probe("y", sideValue: 6)), (2, Probe("x", sideValue: 7))])),
        ])
        let both = nested(LossBatch(Self.columns, sides: nested.sideInputs(for: texts)))
        #expect(both.namedComponents.map(\.name) == ["x", "y"] && abs(both.namedComponents[0].value - 3 * sum) < 1e-12)
    }

    @Test func sumsTakeWhatAllOfTheirLossesNeed() {
        let plain = Probe(), scores = Probe(inputs: LossInputs(columns: ["a", "b"], labels: .scores, minimumRows: 4))
        for terms in [[plain, scores], [scores, plain]] {
            let inputs = WeightedSum(terms.map { (1, $0) }).inputs
            #expect(inputs.columns == ["a", "b"] && !inputs.allowsMoreColumns && inputs.labels == .scores && inputs.minimumRows == 4)
        }
    }

    @Test func eachWidthHasItsKeyWeightAndLabels() {
        let probe = Probe()
        // Given in ascending order, taken in descending.
        let loss = Matryoshka(probe, dimensions: [2, 6, 4], weights: [0.25, 1, 0.5])
        #expect(loss.dimensions == [6, 4, 2] && loss.weights == [1, 0.5, 0.25])
        let labels = Tensor.normal([3, 6], dtype: .float64, key: RandomKey(3))
        let value = loss(LossBatch(Self.columns, labels: labels, key: RandomKey(9))).total.item
        #expect(probe.batches.map { $0.embeddings.map { $0.shape[1] } } == [[6, 6], [4, 4], [2, 2]])
        #expect(Set(probe.batches.map { $0.key! } + [RandomKey(9)]).count == 4)
        for (batch, width) in zip(probe.batches, [6, 4, 2]) { #expect(batch.labels == labels.sliced(0..<width, alongAxis: 1)) }
        let expected = zip([6, 4, 2], [1, 0.5, 0.25]).reduce(0.0) {
            $0 + $1.1 * Self.columns[0].sliced(0..<$1.0, alongAxis: 1).normalized().sum().item
        }
        #expect(abs(value - expected) < 1e-12)
    }

    /// Every weight differs from one, so that none is left out.
    @Test(arguments: [LayerWeighting.uniform, .log, .linear].map(\.name)) func eachLayerHasItsKeyAndWeight(_ name: String) {
        let weighting = LayerWeighting.all.first { $0.name == name }!
        let layers = (0..<4).map { layer in (0..<2).map { Tensor.normal([3, 6], dtype: .float64, key: RandomKey(UInt64(10 * layer + $0))) }
        }
        func run(klDivWeight: Double) -> (Double, [LossBatch]) {
            let probe = Probe()
            let loss = AdaptiveLayer(
                probe, layersPerStep: nil, lastLayerWeight: 3, priorLayersWeight: 0.7, klDivWeight: klDivWeight, klTemperature: 0.4,
                layerWeighting: weighting)
            return (loss(LossBatch(layers[3], layers: layers, key: RandomKey(9))).total.item, probe.batches)
        }
        let (value, batches) = run(klDivWeight: 0)
        #expect(batches.count == 4 && Set(batches.map { $0.key! } + [RandomKey(9)]).count == 5)
        let sums = layers.map { $0[0].sum().item }
        let expected = 3 * sums[3] + (0..<3).reduce(0.0) { $0 + 0.7 * weighting.weight($1) / 3 * sums[$1] }
        #expect(abs(value - expected) < 1e-12)
        // The divergence of all columns' rows from the last layer's, by the formula.
        func logits(_ layer: Int) -> Tensor { (Tensor.concatenating(layers[layer]) / 0.4).logSoftmax() }
        let divergence = (0..<3).reduce(0.0) { $0 + (logits(3).exp() * (logits(3) - logits($1))).sum().item / 6 }
        #expect(abs(run(klDivWeight: 2.5).0 - expected - 2.5 * 0.4 * divergence) < 1e-12)
    }

    @Test(arguments: [1.0, 0.3]) func weightsOfTheRegularizationCountEach(_ second: Double) {
        func parts(_ mean: Double, _ second: Double, _ aggregation: GlobalOrthogonalRegularizationLoss.Aggregation = .mean) -> [String:
            Double]
        {
            let loss = GlobalOrthogonalRegularizationLoss(
                similarity: .dot, meanWeight: mean, secondMomentWeight: second, aggregation: aggregation)
            return Dictionary(uniqueKeysWithValues: loss(LossBatch(Self.columns)).namedComponents.map { ($0.name, $0.value) })
        }
        func moments(_ x: Tensor) -> (mean: Double, second: Double) {
            let rows = x.rows, pairs = (0..<3).flatMap { i in (0..<3).filter { $0 != i }.map { (i, $0) } }
            let dots = pairs.map { i, j in zip(rows[i], rows[j]).reduce(0) { $0 + $1.0 * $1.1 } }
            let mean = dots.reduce(0, +) / 6
            return (mean * mean, max(0, dots.reduce(0) { $0 + $1 * $1 } / 6 - 1 / 6))
        }
        let all = Self.columns.map(moments)
        for (aggregation, divisor) in [(GlobalOrthogonalRegularizationLoss.Aggregation.mean, 2.0), (.sum, 1)] {
            let found = parts(0.4, second, aggregation)
            #expect(abs(found["gor_mean"]! - 0.4 * (all[0].mean + all[1].mean) / divisor) < 1e-12)
            #expect(abs(found["gor_second_moment"]! - second * (all[0].second + all[1].second) / divisor) < 1e-12)
        }
    }

    /// A teacher for each column: exchanged teachers give another value.
    @Test(arguments: EmbedDistillLoss.DistanceMetric.allCases) func eachColumnHasItsTeacher(_ metric: EmbedDistillLoss.DistanceMetric) {
        let teachers = (3...4).map { Tensor.normal([3, 6], dtype: .float64, key: RandomKey($0)) }
        let loss = EmbedDistillLoss(distanceMetric: metric)
        func together(_ teachers: [Tensor]) -> Double {
            loss.value(of: Self.columns, labels: Tensor.stacking(teachers).permuted(axes: [1, 0, 2])).item
        }
        let apart = zip(Self.columns, teachers).reduce(0.0) { $0 + loss.value(of: [$1.0], labels: $1.1).item / 2 }
        #expect(abs(together(teachers) - apart) < 1e-12 && abs(together(teachers.reversed()) - apart) > 1e-3)
    }

    @Test func temperaturesOfStudentAndTeacherAreTheirOwn() {
        let columns = Self.columns + [Tensor.normal([3, 6], dtype: .float64, key: RandomKey(5))]
        let labels = Tensor.normal([3, 2], dtype: .float64, key: RandomKey(6))
        for (student, teacher) in [(nil, nil), (0.5, nil), (nil, 3), (0.5, 3)] as [(Double?, Double?)] {
            let loss = DistillKLDivLoss(temperature: 2, studentTemperature: student, teacherTemperature: teacher)
            let ts = student ?? 2
            let scores = Tensor.concatenating(
                columns.dropFirst().map { pairwiseDotProduct(columns[0], $0).reshaped([3, 1]) }, alongAxis: 1)
            let (p, q) = ((labels / (teacher ?? 2)).logSoftmax(), (scores / ts).logSoftmax())
            #expect(abs(loss.value(of: columns, labels: labels).item - ts * ts * (p.exp() * (p - q)).sum().item / 3) < 1e-12)
        }
    }

    @Test func everyFeatureOfTheClassifierIsItself() {
        let (u, v) = (Self.columns[0], Self.columns[1])
        let parts: [(Set<SoftmaxLoss.Feature>, [Tensor])] = [
            ([.embeddings], [u, v]), ([.difference], [(u - v).abs()]), ([.product], [u * v]),
            ([.embeddings, .difference, .product], [u, v, (u - v).abs(), u * v]),
        ]
        for (features, columns) in parts {
            let loss = SoftmaxLoss(embeddingDimension: 6, classCount: 3, features: features, dtype: .float64)
            #expect(loss.logits(u, v) == loss.classifier(Tensor.concatenating(columns, alongAxis: 1)))
        }
    }

    @Test(arguments: [5, 6, 7]) func anglesOfOddWidthsHaveAZeroBehind(_ width: Int) {
        func cut(_ x: Tensor) -> Tensor { x.sliced(0..<min(width, 6), alongAxis: 1) }
        let pad = Tensor.zeros([3, max(0, width - 6)], dtype: .float64)
        let (a, b) = (
            Tensor.concatenating([cut(Self.columns[0]), pad], alongAxis: 1),
            Tensor.concatenating([cut(Self.columns[1]), pad], alongAxis: 1)
        )
        func padded(_ x: Tensor) -> [[Double]] { x.rows.map { $0 + (width % 2 == 1 ? [0] : []) } }
        let expected = zip(padded(a), padded(b)).map { u, v in
            let half = u.count / 2, size = (u.reduce(0) { $0 + $1 * $1 } * v.reduce(0) { $0 + $1 * $1 }).squareRoot()
            let real = zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
            let imaginary = (0..<half).reduce(0.0) { $0 + u[half + $1] * v[$1] - u[$1] * v[half + $1] }
            return abs(real + imaginary) / size
        }
        #expect(PairwiseSimilarity.angle(a, b).maximumDifference(to: Tensor(expected, dtype: .float64)) < 1e-12)
    }

    @Test func thresholdsOfTheGuideTolerateTheLastDigits() {
        let rows = 3
        func value(_ opinion: [[[Double]]], _ loss: GISTEmbedLoss) -> Double {
            let sides = SideInputs([Tensor.stacking(opinion.map { Tensor($0, dtype: .float64) })])
            return loss(LossBatch(Self.columns, sides: sides)).total.item
        }
        let plain = GISTEmbedLoss(temperature: 0.1, contrastsAnchors: false, contrastsPositives: false)
        // All of the guide's similarities are equal but for digits far behind, by which others are nearer than the pair: no candidate goes.
        func alike(_ noise: Double) -> [[[Double]]] {
            func point(_ place: Int) -> [Double] { [1, noise * Double(place)] }
            return [(0..<rows).map { point(2 * $0) }, (0..<rows).map { point(5 - 2 * $0) }]
        }
        #expect(value(alike(1e-4), plain) == value(alike(0), plain))
        let ranking = MultipleNegativesRankingLoss(scale: 10).value(of: Self.columns).item
        #expect(abs(value(alike(1e-4), plain) - ranking) < 1e-6)
        // A relative margin goes down from the size of a negative similarity, too.
        let relative = GISTEmbedLoss(
            temperature: 0.1, marginStrategy: .relative, margin: 0.5, contrastsAnchors: false, contrastsPositives: false)
        func opposite(_ angle: Double) -> [[[Double]]] {
            let other = Tensor([angle], dtype: .float64)
            return [[[1, 0], [1, 0], [1, 0]], [[-0.6, 0.8], [-0.6, 0.8], [other.cos().item, other.sin().item]]]
        }
        // cos of −0.6 asks −0.9 of the others at margin 0.5: −0.8 is above that and goes, −0.95 stays.
        let (near, far) = (opposite(2.498091545), opposite(2.824032224))
        #expect(value(far, relative) != value(near, relative))
        let kept = { (i: Int, candidates: [Int]) -> Double in
            let a = Self.columns[0].normalized().rows, p = Self.columns[1].normalized().rows
            func score(_ j: Int) -> Double { zip(a[i], p[j]).reduce(0) { $0 + $1.0 * $1.1 } / 0.1 }
            let scores = Tensor(([i] + candidates.filter { $0 != i }).map(score), dtype: .float64)
            return scores.logSumExp().item - score(i)
        }
        // Rows 0 and 1: each other's positive has their own −0.6, above the threshold of −0.9: it goes; row 2's is near or far.
        #expect(abs(value(near, relative) - (kept(0, []) + kept(1, []) + kept(2, [])) / 3) < 1e-6)
        #expect(abs(value(far, relative) - (kept(0, [2]) + kept(1, [2]) + kept(2, [])) / 3) < 1e-6)
    }
}

/// Distances that are equal, and labels that are.
struct LossTieTests {
    /// Points on a line: distances are whole numbers, exactly.
    private func value(_ loss: any Loss, _ places: [Double], _ labels: [Double]) -> (value: Double, gradient: [Double]) {
        let rows = Tensor(places.map { [$0, 0] }, dtype: .float64)
        let (value, gradients) = valueAndGradients(at: [rows]) { loss.value(of: $0, labels: Tensor(labels, dtype: .float64)) }
        return (value.item, gradients[0].rows.map { $0[0] })
    }

    /// All triplets in plain loops, as the formulas say.
    private func expected(_ places: [Double], _ labels: [Double], margin: Double) -> (all: Double, hard: Double, semiHard: Double) {
        let n = places.count
        func d(_ i: Int, _ j: Int) -> Double { abs(places[i] - places[j]) }
        var (all, hard, semi): ([Double], [Double], [Double]) = ([], [], [])
        for i in 0..<n {
            let positives = (0..<n).filter { $0 != i && labels[$0] == labels[i] }, negatives = (0..<n).filter { labels[$0] != labels[i] }
            for j in positives {
                all += negatives.map { d(i, j) - d(i, $0) + margin }.filter { $0 > 1e-16 }
                let beyond = negatives.map { d(i, $0) }.filter { $0 > d(i, j) }.min()
                semi.append(max(0, d(i, j) - (beyond ?? negatives.map { d(i, $0) }.max()!) + margin))
            }
            hard.append(max(0, (positives.map { d(i, $0) }.max() ?? 0) - negatives.map { d(i, $0) }.min()! + margin))
        }
        return (all.reduce(0, +) / Double(max(1, all.count)), hard.reduce(0, +) / Double(n), semi.reduce(0, +) / Double(semi.count))
    }

    @Test(
        arguments: [
            ([0, 2, 2, 4, 6], [0, 0, 1, 1, 1]), ([0, 1, -1, 2, -2], [0, 0, 1, 1, 0]), ([0, 0, 0, 3, 3], [0, 1, 0, 1, 1]),
            ([5, 3, 3, 3, 1], [0, 0, 1, 1, 0]),
        ] as [([Double], [Double])], [0.0, 1, 2, 5])
    func equalDistancesAreTakenAsTheFormulasSay(_ batch: ([Double], [Double]), margin: Double) {
        let expected = expected(batch.0, batch.1, margin: margin)
        #expect(abs(value(BatchAllTripletLoss(margin: margin), batch.0, batch.1).value - expected.all) < 1e-12)
        #expect(abs(value(BatchHardTripletLoss(margin: margin), batch.0, batch.1).value - expected.hard) < 1e-12)
        #expect(abs(value(BatchSemiHardTripletLoss(margin: margin), batch.0, batch.1).value - expected.semiHard) < 1e-12)
    }

    private func pairs(_ distances: [Double], _ labels: [Double], margin: Double = 2) -> (value: Double, gradient: [Double]) {
        let a = Tensor(distances.map { [$0] }, dtype: .float64), b = Tensor.zeros([distances.count, 1], dtype: .float64)
        let loss = OnlineContrastiveLoss(
            distanceMetric: SiameseDistanceMetric("exact") { ($0 - $1).abs().sum(alongAxis: 1) }, margin: margin)
        let (value, gradients) = valueAndGradients(at: [a, b]) { loss.value(of: $0, labels: Tensor(labels, dtype: .float64)) }
        return (value.item, gradients[0].values)
    }

    @Test func onlineContrastiveTakesWhatIsBeyondTheOthers() {
        // Similar at 1 and 0.5, dissimilar at 1 and 1.5: nothing is strictly beyond.
        #expect(pairs([1, 0.5, 1, 1.5], [1, 1, 0, 0]) == (0, [0, 0, 0, 0]))
        // One farther than the nearest dissimilar one, one nearer than the farthest similar one.
        let found = pairs([1.25, 0.5, 1, 1.5], [1, 1, 0, 0])
        #expect(abs(found.value - (1.25 * 1.25 + 1)) < 1e-12 && found.gradient == [2.5, 0, -2, 0])
        // Without pairs of the other kind, their own mean is the mark.
        let dissimilar = pairs([0.5, 1.5], [0, 0])
        #expect(abs(dissimilar.value - 1.5 * 1.5) < 1e-12 && dissimilar.gradient == [-3, 0])
        let similar = pairs([0.5, 1.5], [1, 1])
        #expect(abs(similar.value - 1.5 * 1.5) < 1e-12 && similar.gradient == [0, 3])
    }

    @Test(arguments: [SiameseDistanceMetric.cosine, .euclidean, .manhattan].map(\.name), [true, false]) func contrastiveIsAverageOrSum(
        _ metric: String, averages: Bool
    ) {
        let distance = SiameseDistanceMetric.all.first { $0.name == metric }!
        let columns = [Tensor.normal([4, 3], dtype: .float64, key: RandomKey(1)), .normal([4, 3], dtype: .float64, key: RandomKey(2))]
        let y: [Double] = [1, 0, 1, 0], margin = distance.name == "COSINE_DISTANCE" ? 1.3 : 3.0
        let d = zip(columns[0].rows, columns[1].rows).map { a, b -> Double in
            let differences = zip(a, b).map { $0 - $1 + 1e-6 }
            switch metric {
            case "EUCLIDEAN": return differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
            case "MANHATTAN": return differences.reduce(0) { $0 + abs($1) }
            default:
                let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
                return 1 - dot / (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
            }
        }
        let terms = zip(d, y).map { d, y in 0.5 * (y * d * d + (1 - y) * max(0, margin - d) * max(0, margin - d)) }
        let loss = ContrastiveLoss(distanceMetric: distance, margin: margin, averages: averages)
        #expect(abs(loss.value(of: columns, labels: Tensor(y, dtype: .float64)).item - terms.reduce(0, +) / (averages ? 4 : 1)) < 1e-12)
    }

    /// Scores that are equal order nothing, wherever in the batch they stand.
    @Test func equalScoresAreNotOrdered() {
        let scores: [Double] = [0.5, 0.1, 0.5, 0.9, 0.1, 0.5]
        let columns = (1...2).map { Tensor.normal([6, 4], dtype: .float64, key: RandomKey($0)) }
        for (loss, similarity) in [(CoSENTLoss(scale: 3), PairwiseSimilarity.cosine), (AnglELoss(scale: 3), .angle)]
            as [(any Loss, PairwiseSimilarity)]
        {
            let s = similarity(columns[0], columns[1]).values
            let terms = (0..<6).flatMap { i in (0..<6).filter { scores[i] < scores[$0] }.map { 3 * (s[i] - s[$0]) } }
            let expected = Tensor([0] + terms, dtype: .float64).logSumExp().item
            #expect(abs(loss.value(of: columns, labels: Tensor(scores, dtype: .float64)).item - expected) < 1e-12)
        }
    }

    @Test func valuesOutsideOfEitherEndAreRefused() {
        func message(_ range: ClosedRange<Double>) -> String {
            let labels = LossSetting.Labels(areIntegers: false, range: range, distinctCount: 3)
            do {
                try ContrastiveLoss().validate(LossSetting(textColumns: ["a", "b"], labels: labels, embeddingDimension: 4, layerCount: 1))
                return ""
            } catch { return "\(error)" }
        }
        #expect(message(0...1) == "" && message(-0.5...1).contains("from -0.5 to 1.0") && message(0...1.5).contains("from 0.0 to 1.5"))
    }
}
