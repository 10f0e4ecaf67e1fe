import Autodiff
import Losses
import Testing

/// The size of blocks of similarities changes neither a loss nor its gradients.
struct BlockSizeTests {
    private static let texts = [
        (0..<7).map { "q\($0 % 6)" }, (0..<7).map { "p\($0 % 5)" }, (0..<7).map { "n\($0 % 4)" },
    ]
    private static let guide = SideInputs([.normal([3, 7, 4], dtype: .float64, key: RandomKey(83))])

    private static func losses(_ elements: Int) -> [(loss: any Loss, columns: Int, sides: SideInputs)] {
        var ranking = MultipleNegativesRankingLoss(
            directions: Set(MultipleNegativesRankingLoss.Direction.allCases), hardness: .allNegatives, hardnessStrength: 2,
            masksDuplicates: true)
        var megaBatch = MegaBatchMarginLoss(positiveMargin: 1, negativeMargin: -0.5, masksDuplicates: true)
        var gist = GISTEmbedLoss(guide: nil, temperature: 0.1, marginStrategy: .relative, margin: -0.5, masksDuplicates: true)
        ranking.elementsPerBlock = elements
        megaBatch.elementsPerBlock = elements
        gist.elementsPerBlock = elements
        let identities = TextIdentities(texts).tensor
        return [
            (ranking, 3, SideInputs([identities])), (megaBatch, 2, megaBatch.sideInputs(for: Array(texts.prefix(2)))),
            (gist, 3, SideInputs(guide.tensors + [identities])),
        ]
    }

    @Test(arguments: [1, 90, 100_000], 0..<3) func valueAndGradientsStay(_ elements: Int, _ number: Int) {
        func run(_ elements: Int, order: Int) -> (value: Tensor, gradients: [Tensor]) {
            let (loss, count, sides) = Self.losses(elements)[number]
            let columns = (0..<count).map { Tensor.normal([7, 6], dtype: .float64, key: RandomKey(UInt64($0 + 85))) }
            func value(_ columns: [Tensor]) -> Tensor { loss(LossBatch(columns, sides: sides)).total }
            if order == 1 { return valueAndGradients(at: columns, value) }
            return valueAndGradients(at: columns) { columns in
                valueAndGradients(at: columns, value).gradients.reduce(Tensor(0, dtype: .float64)) { $0 + $1.square().sum() }
            }
        }
        for order in [1, 2] {
            let (whole, blocks) = (run(BlockSize.defaultElements, order: order), run(elements, order: order))
            #expect(abs(whole.value.item - blocks.value.item) <= 1e-12 * max(1, abs(whole.value.item)))
            for (a, b) in zip(whole.gradients, blocks.gradients) {
                let size = a.values.map(abs).max()!
                #expect(size > 1e-3 && a.maximumDifference(to: b) <= 1e-12 * max(1, size))
            }
        }
    }
}
