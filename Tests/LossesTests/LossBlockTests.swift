import Autodiff
import JSON
@testable import Losses
import Testing

/// Every loss that goes by blocks, in blocks of each length: the last one is shorter, or all are full.
struct LossBlockTests {
    private static let rows = 7
    private static let texts = [(0..<rows).map { "q\($0 % 6)" }, (0..<rows).map { "p\($0 % 5)" }, (0..<rows).map { "n\($0 % 4)" }]
    private static let opinion = Tensor.normal([3, rows, 4], dtype: .float64, key: RandomKey(83))

    /// Losses whose blocks hold `blockRows` rows; `width` numbers are in a row of each.
    private static func losses(_ blockRows: Int) -> [(name: String, loss: any Loss, columns: Int, sides: SideInputs)] {
        typealias Ranking = MultipleNegativesRankingLoss
        let identities = TextIdentities(texts).tensor
        var all: [(String, any Loss, Int, SideInputs)] = []
        for (directions, partition) in [
            ([.queryToDoc], .joint), (Set(Ranking.Direction.allCases), .joint), ([.queryToDoc, .docToQuery], .perDirection),
        ]
            as [(Set<Ranking.Direction>, Ranking.Partition)]
        {
            for hardness in [nil] + Ranking.Hardness.allCases.map(Optional.init) {
                for masks in [false, true] {
                    var loss = Ranking(
                        scale: 3, directions: directions, partition: partition, hardness: hardness,
                        hardnessStrength: hardness == nil ? 0 : 2, masksDuplicates: masks)
                    loss.elementsPerBlock = blockRows * 2 * rows * directions.count
                    all.append(
                        (
                            "\(directions.count) \(partition) \(hardness.map { "\($0)" } ?? "") \(masks)", loss, 3,
                            masks ? SideInputs([identities]) : []
                        ))
                }
            }
        }
        for masks in [false, true] {
            var mega = MegaBatchMarginLoss(positiveMargin: 1, negativeMargin: -0.5, masksDuplicates: masks)
            mega.elementsPerBlock = blockRows * rows
            all.append(("mega \(masks)", mega, 2, mega.sideInputs(for: Array(texts.prefix(2)))))
            for strategy in GISTEmbedLoss.MarginStrategy.allCases {
                var gist = GISTEmbedLoss(temperature: 0.2, marginStrategy: strategy, margin: -0.3, masksDuplicates: masks)
                gist.elementsPerBlock = blockRows * 4 * rows
                all.append(("gist \(strategy) \(masks)", gist, 3, SideInputs(masks ? [opinion, identities] : [opinion])))
            }
        }
        for similarity in SimilarityMatrix.all {
            var regularization = GlobalOrthogonalRegularizationLoss(similarity: similarity, meanWeight: 0.7, secondMomentWeight: 1.5)
            regularization.elementsPerBlock = blockRows * rows
            all.append(("regularization \(similarity.name)", regularization, 2, []))
        }
        return all
    }

    @Test(arguments: 1...rows) func blocksAreTheWhole(_ blockRows: Int) {
        for (whole, blocks) in zip(Self.losses(Self.rows), Self.losses(blockRows)) {
            func run(_ loss: any Loss) -> (value: Tensor, gradients: [Tensor]) {
                let columns = (0..<whole.columns).map { Tensor.normal([Self.rows, 6], dtype: .float64, key: RandomKey(UInt64($0 + 85))) }
                return valueAndGradients(at: columns) { loss(LossBatch($0, sides: whole.sides)).total * 1.5 }
            }
            let (a, b) = (run(whole.loss), run(blocks.loss))
            #expect(abs(a.value.item - b.value.item) <= 1e-12 * max(1, abs(a.value.item)), "\(whole.name)")
            for (x, y) in zip(a.gradients, b.gradients) {
                #expect(x.maximumDifference(to: y) <= 1e-11 * max(1, x.abs().max().item), "\(whole.name)")
            }
        }
    }
}

#if compiler(>=6.2)
    import Foundation
    import Requirements
    import Synchronization

    /// A batch of another number of columns, labels or side inputs ends in a message that names the loss, not in a bare trap.
    struct LossRefusalTests {
        /// The message of a refusal, or nil where a value comes out. Threads that are refused stay behind.
        private static func refusal(_ body: @escaping @Sendable () -> Void) -> String? {
            let outcome = Mutex<String?>(nil)
            let done = DispatchSemaphore(value: 0)
            Refusals.observer.withLock { observer in
                observer = { message in
                    outcome.withLock { $0 = message }
                    done.signal()
                    while true { sleep(1000) }
                }
            }
            Thread.detachNewThread {
                body()
                done.signal()
            }
            done.wait()
            return outcome.withLock { $0 }
        }

        private struct Nobody: Guide {
            func embeddings(of texts: [String]) -> Tensor { .zeros([texts.count, 2]) }
        }

        @Test func everyLossSaysHowManyColumnsItTakes() async {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                var problems: [String] = []
                let surroundings = LossSurroundings(embeddingDimension: 4, classCount: { _ in 2 }) { _ in Nobody() }
                for name in LossCatalog.builtIn.map(\.name) {
                    var options: JSONObject = [:]
                    if LossCatalog.find(name) is any LossModifier { options["loss"] = "TripletLoss" }
                    if name.hasPrefix("Matryoshka") { options["matryoshka_dims"] = [4, 2] }
                    let loss = try! LossCatalog.loss(named: name, options: options, surroundings: surroundings)
                    for columns in 0...6 where !loss.inputs.accepts(columnCount: columns) {
                        let embeddings = (0..<columns).map { Tensor.normal([3, 4], key: RandomKey(UInt64($0))) }
                        let sides = columns > 0 ? loss.sideInputs(for: (0..<columns).map { c in (0..<3).map { "\(c) \($0)" } }) : []
                        let batch = LossBatch(embeddings, labels: Tensor([0, 1, 0]), sides: sides, layers: [embeddings, embeddings])
                        let message = LossRefusalTests.refusal { _ = loss(batch) }
                        if message?.contains("columns (") != true || message?.contains("not \(columns)") != true {
                            problems.append("\(name) of \(columns): \(message ?? "takes them")")
                        }
                    }
                }
                if !problems.isEmpty { fatalError(problems.joined(separator: "\n")) }
            }
            let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(message.isEmpty, "\(message)")
        }

        @Test func sideInputsAndLabelsOfAnotherShapeAreNamed() async {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                let columns = (0..<3).map { Tensor.normal([3, 4], key: RandomKey(UInt64($0))) }
                let two = TextIdentities([["a", "b", "c"], ["d", "e", "f"]]).tensor
                let opinion = Tensor.normal([3, 3, 2], key: RandomKey(9))
                let cases: [(String, any Loss, LossBatch)] = [
                    // The guide, or the texts, were asked of fewer columns than the model.
                    (
                        "needs numbers of texts int32[3, 3] as side input, not int32[2, 3]",
                        MultipleNegativesRankingLoss(masksDuplicates: true), LossBatch(columns, sides: [two])
                    ),
                    (
                        "needs numbers of texts int32[3, 3] as side input", GISTEmbedLoss(masksDuplicates: true),
                        LossBatch(columns, sides: [opinion, two])
                    ),
                    ("needs the guide's embeddings [3, 3, Dg]", GISTEmbedLoss(), LossBatch(columns, sides: [opinion.sliced(0..<2)])),
                    ("needs the guide's embeddings [3, 3, Dg]", GISTEmbedLoss(), LossBatch(columns)),
                    (
                        "needs numbers of texts", MegaBatchMarginLoss(masksDuplicates: true),
                        LossBatch(Array(columns.prefix(2)), sides: [two.sliced(0..<1)])
                    ),
                    ("needs 3 labels, not [2]", CoSENTLoss(), LossBatch(Array(columns.prefix(2)), labels: Tensor([0, 1]))),
                    ("needs 3 labels, not none", BatchAllTripletLoss(), LossBatch(Array(columns.prefix(1)))),
                    ("needs margins [3, 1] or scores [3, 2], not [3, 3]", MarginMSELoss(), LossBatch(columns, labels: .zeros([3, 3]))),
                    ("needs teacher scores [3, 2], not none", DistillKLDivLoss(), LossBatch(columns)),
                    (
                        "needs teacher vectors [3, Dt] or [3, 3, Dt], not [3, 2, 4]", MSELoss(),
                        LossBatch(columns, labels: .zeros([3, 2, 4]))
                    ),
                    ("holds no embeddings of layers", AdaptiveLayer(TripletLoss()), LossBatch(columns)),
                ]
                let problems = cases.compactMap { words, loss, batch -> String? in
                    let message = LossRefusalTests.refusal { _ = loss(batch) }
                    return message?.contains(words) == true && message?.contains(":") == true
                        ? nil : "\(loss.name): \(message ?? "takes it")"
                }
                if !problems.isEmpty { fatalError(problems.joined(separator: "\n")) }
            }
            let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(message.isEmpty, "\(message)")
        }
    }
#endif
