import Autodiff
import Layers
import Testing

struct LayerTests {
    struct Block: Module {
        let attention: MultiHeadAttention
        let norms: [LayerNorm]
        let feedForward: FeedForward?
        let shared: Linear
        let alias: Linear
        let scale: Parameter
        let title = "not a parameter"

        var parts: [NamedPart] { propertyParts.renamed(by: ["norms": "norm_list", "norms.1": "last_norm", "scale": "gain"]) }

        init() {
            attention = MultiHeadAttention(
                width: 6, headCount: 2, dropoutRate: 0.2, standardDeviation: 0.4, dtype: .float64, key: RandomKey(1))
            norms = [LayerNorm(width: 6, dtype: .float64), LayerNorm(width: 6, dtype: .float64)]
            feedForward = FeedForward(width: 6, hiddenWidth: 8, standardDeviation: 0.4, dtype: .float64, key: RandomKey(2))
            shared = Linear(inputWidth: 6, outputWidth: 6, hasBias: false, standardDeviation: 0.4, dtype: .float64, key: RandomKey(3))
            alias = shared
            scale = Parameter(Tensor([1, 2, 3, 1, 2, 3], shape: [1, 6], dtype: .float64))
        }

        func callAsFunction(_ x: Tensor, offsets: Offsets, in context: Context) -> Tensor {
            let h = norms[0](x + attention(x, offsets: offsets, samples: [3, 1], in: context))
            return norms[1](h + feedForward!(h)) * scale.value + alias(shared(h))
        }
    }

    @Test func parametersAreFoundInOrderUnderFileNames() {
        let names = Block().namedParameters.map(\.name)
        #expect(
            names == [
                "attention.query.weight", "attention.query.bias", "attention.key.weight", "attention.key.bias",
                "attention.value.weight", "attention.value.bias", "attention.output.weight", "attention.output.bias",
                "norm_list.0.weight", "norm_list.0.bias", "last_norm.weight", "last_norm.bias",
                "feedForward.expansion.weight", "feedForward.expansion.bias", "feedForward.contraction.weight",
                "feedForward.contraction.bias", "shared.weight", "gain",
            ])
        #expect(Block().parameterCount == 4 * 42 + 4 * 6 + (8 * 6 + 8) + (6 * 8 + 6) + 36 + 6)
    }

    @Test(arguments: [
        ("layers.0.attention.query.weight", "encoder.layer.0.attention.self.query.weight"),
        ("layers.10.attention.other", "encoder.layer.10.attention.other"), ("attentions.query", "attentions.query"),
        ("norm", "LayerNorm"), ("a.norm.norm", "a.LayerNorm.LayerNorm"), ("outer.layers", "outer.encoder.layer"),
        ("first.norm.bias", "ln.bias"), ("layer", "layer"), ("", ""),
    ]) func fileNamesReplaceNamesWhereverTheyStand(path: String, name: String) {
        let names: FileNames = ["layers": "encoder.layer", "attention.query": "attention.self.query"]
        #expect(names.merging(["norm": "LayerNorm", "first.norm": "ln"])(path) == name)
        #expect(FileNames([:])(path) == path)
    }

    @Test func layersOfAnyModuleAreExchangedByName() {
        struct Doubled: LinearLayer {
            let layer: any LinearLayer
            let factor = Parameter(Tensor([[2]]))
            var floats: (weight: Tensor, bias: Tensor?) { (layer.floats.weight * 2, layer.floats.bias.map { $0 * 2 }) }
            func callAsFunction(_ x: Tensor) -> Tensor { layer(x) * factor.value }
            func copied() -> Doubled { Doubled(layer: layer.copied()) }
        }
        let model = Sequential(Linear(weight: Tensor([[2]])), Activation.relu, Linear(weight: Tensor([[3]]), bias: Tensor([1])))
        let originals = model.replaceLayers { name, layer in name == "2" ? Doubled(layer: layer) : nil }
        #expect(Array(originals.keys) == ["2"])
        #expect(model(Tensor([[5]]), in: .inference).values == [62])
        // What the new layer holds is trained and named; files get the floats that it stands for.
        #expect(model.namedParameters.map(\.name) == ["0.weight", "2.layer.weight", "2.layer.bias", "2.factor"])
        #expect(model.namedTensors.map(\.name) == ["0.weight", "2.weight", "2.bias"])
        #expect(model.namedTensors.map(\.tensor.values) == [[2], [6], [2]])
    }

    @Test(arguments: [1, 2]) func gradientsOfABlockEqualDifferences(order: Int) {
        let block = Block()
        let x = Tensor.normal([5, 6], dtype: .float64, key: RandomKey(9))
        let report = gradientCheck(of: block.namedParameters, order: order) {
            block(x, offsets: Offsets([0, 2, 5]), in: .training(key: RandomKey(4))).square()
        }
        #expect(report.passed, "\(report)")
    }

    @Test func float32ModelsAreCheckedThroughAFloat64Shadow() {
        let layer = Linear(inputWidth: 3, outputWidth: 2, standardDeviation: 1, key: RandomKey(1))
        let before = layer.weight.value
        let x = Tensor.normal([4, 3], dtype: .float64, key: RandomKey(2))
        let report = gradientCheck(of: layer.namedParameters, order: 1) { layer(x).tanh() }
        #expect(report.passed && report.comparisons == 8, "\(report)")
        #expect(layer.weight.value == before && layer.weight.value.dtype == .float32)
    }

    @Test func linearIsTheFormula() {
        let layer = Linear(weight: Tensor([[1, 2], [3, 4], [5, 6]]), bias: Tensor([10, 20, 30]))
        #expect(layer(Tensor([[1, -1]])).values == [9, 19, 29])
    }

    @Test func embeddingGivesThePaddingZeros() {
        let table = Embedding(count: 4, width: 3, padding: 1, key: RandomKey(1))
        let rows = table(Tensor(indices: [1, 2])).rows
        #expect(rows[0] == [0, 0, 0] && rows[1].contains { $0 != 0 })
    }

    @Test func dropoutWorksInTrainingOnly() {
        let layer = Dropout(0.5)
        let x = Tensor.ones([4, 20])
        #expect(layer(x, in: .inference) == x)
        let first = layer(x, in: .training(key: RandomKey(1)))
        #expect(first.values.contains(0))
        #expect(first == layer(x, in: .training(key: RandomKey(1))))
        #expect(first != layer(x, in: .training(key: RandomKey(2))))
    }

    @Test func placesOfAPassHaveMasksOfTheirOwn() {
        let layer = Dropout(0.5)
        let x = Tensor.ones([4, 20])
        let context = Context.training(key: RandomKey(1))
        #expect(layer(x, in: context) != layer(x, in: context))
    }

    @Test func sequentialCallsItsLayersByNumber() {
        let model = Sequential(Linear(weight: Tensor([[2]])), Activation.relu, Linear(weight: Tensor([[3]]), bias: Tensor([1])))
        #expect(model(Tensor([[5], [-5]]), in: .inference).values == [31, 1])
        #expect(model.namedParameters.map(\.name) == ["0.weight", "2.weight", "2.bias"])
    }

    @Test func frozenParametersHaveNoGradient() {
        let layer = Linear(weight: Tensor([[2]]), bias: Tensor([1]))
        layer.weight.isTrainable = false
        let (value, gradients) = valueAndGradients(of: layer.parameters) { layer(Tensor([[3]])).sum() }
        #expect(value.item == 7)
        #expect(gradients[layer.weight] == nil && gradients[layer.bias!]?.tensor.values == [1])
        #expect(!layer.weight.value.isRecorded)
    }

    /// Sizes and options of attention: heads of another width, fewer of them for keys, no biases, a memory of another width.
    @Test(arguments: [1, 2]) func attentionOfOtherSizes(order: Int) {
        let attention = MultiHeadAttention(
            width: 6, memoryWidth: 5, headCount: 4, keyValueHeadCount: 2, headWidth: 2, hasBias: false,
            scores: AttentionScores(window: -1...1, rotation: RotaryEmbedding(width: 2)), dropoutRate: 0.2,
            standardDeviation: 0.6, dtype: .float64, key: RandomKey(1))
        #expect(
            attention.namedParameters.map { "\($0.name) \($0.parameter.shape)" } == [
                "query.weight [8, 6]", "key.weight [4, 5]", "value.weight [4, 5]", "output.weight [6, 8]",
            ])
        let table = Parameter(Tensor.normal([4, 3], dtype: .float64, key: RandomKey(5)))
        let (x, memory) = (
            Tensor.normal([3, 6], dtype: .float64, key: RandomKey(2)), Tensor.normal([4, 5], dtype: .float64, key: RandomKey(3))
        )
        let report = gradientCheck(of: attention.namedParameters + [NamedParameter(name: "table", parameter: table)], order: order) {
            attention(
                x, offsets: Offsets([0, 1, 3]), memory: memory, memoryOffsets: Offsets([0, 2, 4]), samples: [3, 1],
                bias: DistanceBias(table.value, .positions(upTo: 1)), in: .training(key: RandomKey(4))
            ).square()
        }
        #expect(report.passed, "\(report)")
    }

    @Test func causalityIsAskedForByLayerOrCall() {
        let x = Tensor.normal([5, 6], dtype: .float64, key: RandomKey(2))
        func attend(_ scores: AttentionScores, isCausal: Bool = false) -> Tensor {
            MultiHeadAttention(width: 6, headCount: 2, scores: scores, dtype: .float64, key: RandomKey(1))(
                x, offsets: Offsets([0, 2, 5]), samples: [], isCausal: isCausal, in: .inference)
        }
        let causal = attend(AttentionScores(isCausal: true))
        #expect(attend(AttentionScores(), isCausal: true) == causal && attend(AttentionScores()) != causal)
    }
}
