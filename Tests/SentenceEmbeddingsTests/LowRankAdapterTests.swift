import Foundation
import Tapestry
import Testing

/// Low-rank adapters (Hu et al. 2021) on the query and value weights of a BERT, put there by name.
struct LowRankAdapterTests {
    private let texts = ["the red fox runs", "a quiet dog sleeps", "the cat sees a bird"]

    /// W + scale · B A for each weight whose name ends so: A is drawn, B is zero.
    private func adapt(_ model: some Module, _ endings: [String], rank: Int, scale: Double, key: RandomKey) {
        for (number, named) in model.namedWeights.enumerated() {
            named.parameter.isTrainable = false
            guard endings.contains(where: named.name.hasSuffix) else { continue }
            let shape = named.parameter.shape
            let a = Parameter(.normal([rank, shape[1]], standardDeviation: 0.02, key: key.folded(with: UInt64(number))))
            let b = Parameter(.zeros([shape[0], rank]))
            named.parameter.compose(with: [
                NamedParameter(name: "lora_A", parameter: a), NamedParameter(name: "lora_B", parameter: b),
            ]) { base, low in base + low[1].matmul(low[0]) * scale }
        }
    }

    @Test func adaptersTrainAloneAndMerge() throws {
        let model = try model("tiny-bert")
        let (plain, names) = (model.encode(texts), model.transformer!.namedWeights.map(\.name))
        let original = model.transformer!.model.copied()
        adapt(model.transformer!, ["self.query.weight", "self.value.weight"], rank: 2, scale: 8, key: RandomKey(1))
        #expect(model.encode(texts) == plain)

        let adapters = model.input.namedParameters.filter { $0.name.contains(".lora_") }
        #expect(adapters.count == 4 * model.layerCount)
        #expect(adapters[0].name == "model.encoder.layer.0.attention.self.query.weight.lora_A")
        let optimizer = Optimizer(AdamW(), parameters: model.input.namedParameters)
        let batch = model.tokenize(columns: [texts])
        for step in 0..<4 {
            let (_, gradients) = valueAndGradients(of: model.input.parameters) {
                model(batch, in: .inference).requiredSentenceEmbedding.square().sum()
            }
            #expect(gradients.parameters.map(ObjectIdentifier.init) == adapters.map { ObjectIdentifier($0.parameter) })
            // B is zero at first, and so is the gradient of A.
            for (named, gradient) in zip(adapters, gradients.values) {
                #expect((gradient?.sumOfSquares ?? 0 > 0) == (step > 0 || named.name.hasSuffix("lora_B")), "\(named.name)")
            }
            optimizer.step(gradients, learningRate: 0.05)
        }
        let (trained, copy) = (model.encode(texts), model.copied())
        #expect(trained.maximumDifference(to: plain) > 1e-2)
        #expect(copy.encode(texts) == trained)
        for case (let base?, let before) in zip(model.transformer!.namedWeights.map(\.parameter.parts.first), original.parameters) {
            #expect(base.parameter.value == before.value)
        }
        let folder = try TemporaryFolder()
        try model.save(to: folder.file("saved").path)
        for named in model.transformer!.namedWeights { named.parameter.merge() }
        #expect(model.encode(texts).maximumDifference(to: trained) < 1e-6)
        #expect(model.input.namedParameters.map(\.name) == names)
        #expect(try SentenceTransformer(folder.file("saved").path).encode(texts).maximumDifference(to: trained) < 1e-6)
    }
}
