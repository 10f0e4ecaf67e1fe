import Foundation
import Tapestry
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Landscapes of a loss and histograms of similarities.
struct PictureTests {
    private func isWellFormed(_ svg: String) -> Bool { XMLParser(data: Data(svg.utf8)).parse() }

    @Test func aBowlIsSmallestInItsMiddleAndTheParameterStays() {
        let parameter = Parameter(Tensor([[3, 4], [0, 2]], dtype: .float64))
        let center = parameter.value
        let landscape = LossLandscape(of: [parameter], radius: 2, resolution: 5, key: RandomKey(3)) {
            (parameter.value - center).square().sum().item
        }
        #expect(landscape.positions == [-2, -1, 0, 1, 2])
        #expect(parameter.value == center)
        #expect(landscape.values[2][2] == 0)
        // Each direction is as long as the parameter: √(25 + 4) at one length, twice that at two.
        for (i, j) in [(2, 1), (1, 2), (3, 2), (2, 3)] { #expect(abs(landscape.values[i][j] - 29) < 1e-9) }
        #expect(abs(landscape.values[2][0] - 4 * 29) < 1e-9)
        #expect(isWellFormed(landscape.svg(title: "a < b")))
    }

    @Test func aPointWithoutAFiniteLossIsLeftBlank() {
        let parameter = Parameter(Tensor([1.0]))
        let whole = LossLandscape(of: [parameter], resolution: 3, key: RandomKey(1)) { 1 }
        let broken = LossLandscape(of: [parameter], resolution: 3, key: RandomKey(1)) { parameter.value.item > 1 ? .nan : 1 }
        func cells(_ landscape: LossLandscape) -> Int { landscape.svg(title: "t").components(separatedBy: "<title>").count - 1 }
        #expect(cells(whole) == 9)
        #expect(cells(broken) == broken.values.joined().count(where: \.isFinite) && cells(broken) < 9)
    }

    @Test func cosinesFallIntoTheirBins() {
        let histogram = SimilarityHistogram(step: 7, positives: [1, 1, -1, 0.01], negatives: [-1, 0.99, .nan, 0])
        #expect(histogram.positives.last == 0.5 && histogram.positives[0] == 0.25 && histogram.positives[20] == 0.25)
        #expect(histogram.negatives.reduce(0, +) == 0.75)  // the NaN falls into none
        // Bin by bin the smaller share: a quarter at −1, at 1 and at 0.
        #expect(abs(histogram.overlap - 0.75) < 1e-12)
    }

    @Test func rowsThatMatchAreToldFromAllOthers() {
        let axes = Tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
        let histogram = SimilarityHistogram(step: 0, anchors: axes, positives: axes)
        #expect(histogram.positives.last == 1 && histogram.negatives[20] == 1 && histogram.overlap == 0)
    }

    @Test func trainingLooksBeforeDuringAndAfter() throws {
        let folder = try TemporaryFolder()
        let looks = SimilarityHistogramCallback(try pairs(), every: 2, rows: 8)
        let trainer = try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs(), arguments: settings(folder) { $0.maxSteps = 5 },
            callbacks: [looks])
        try trainer.train()
        #expect(looks.histograms.map(\.step) == [0, 2, 4, 5])
        #expect(looks.histograms[0] != looks.histograms[3])
        #expect(isWellFormed(looks.svg(title: "Similarities & more")))
    }
}
