import Foundation
import Tapestry
import Testing

/// `tapestry loss` gives the reference's figures, to the last digits, and says where a file is wrong.
struct LossCalculatorTests {
    let tool: CommandLineTool

    init() throws { tool = try CommandLineTool() }

    // MARK: Figures

    /// Reference figures of `Fixtures/losses` (see `LossCase` in LossesTests) that need no draws.
    static let cases = ["losses", "pairs", "distillation", "modifiers"].flatMap { ReferenceFigures.all(in: $0) }

    @Test(arguments: cases) func referenceFigures(_ figures: ReferenceFigures) throws {
        let result = try calculate(figures.loss, options: figures.options, figures.batch)
        func expect(_ found: JSONValue?, _ part: String) throws {
            let expected = try figures.reference(part)
            let numbers = try numbers(found ?? .null)
            let scale = max(1e-3, expected.map(abs).max()!)
            #expect(numbers.count == expected.count && zip(numbers, expected).allSatisfy { abs($0 - $1) <= 1e-7 * scale }, "\(part)")
        }
        try expect(result["value"], "value")
        guard case .array(let gradients)? = result["gradients"], case .object(let parameters)? = result["parameter_gradients"] else {
            fatalError("no gradients")
        }
        #expect(gradients.count == figures.columnCount && parameters.keys == figures.parameterNames)
        for (column, gradient) in gradients.enumerated() { try expect(gradient, "grad\(column)") }
        for (name, gradient) in parameters.members { try expect(gradient, "gradient/\(name)") }
        guard case .array(let layers)? = result["layer_gradients"] else { return }
        for (layer, columns) in layers.dropLast().enumerated() {
            guard case .array(let columns) = columns else { fatalError("no columns") }
            for (column, gradient) in columns.enumerated() { try expect(gradient, "layer\(layer)/grad\(column)") }
        }
    }

    @Test func namedPartsAreShown() throws {
        let result = try calculate("GlobalOrthogonalRegularizationLoss", ["embeddings": [column(0), column(1)]])
        guard case .object(let components)? = result["components"] else { fatalError("no components") }
        let sum = try number(components["gor_mean"]) + number(components["gor_second_moment"])
        #expect(components.count == 2 && abs(sum - 0.2837062579) < 1e-9)
    }

    /// X_c[i][k] = sin(0.7 + 1.3 c + 2.1 i + 0.9 k + 0.37 i k), as the reference's figures below were made of.
    private func column(_ c: Int, shift: Double = 0) -> JSONValue {
        func number(_ i: Int, _ k: Int) -> Double {
            let (c, i, k) = (Double(c), Double(i), Double(k))
            let angle: Double = 0.7 + 1.3 * c + 2.1 * i + 0.9 * k
            return sin(angle + 0.37 * i * k + shift)
        }
        return .array((0..<4).map { i in .array((0..<6).map { k in .real(number(i, k)) }) })
    }

    @Test func matryoshkaTakesALossByName() throws {
        let options: JSONObject = [
            "loss": "MultipleNegativesRankingLoss", "matryoshka_dims": [6, 4, 2], "matryoshka_weights": [1, 0.5, 0.25],
        ]
        let batch: JSONObject = ["embeddings": [column(0), column(1), column(2)]]
        #expect(abs(try number(calculate("MatryoshkaLoss", options: options, batch)["value"]) - 15.24799078) < 1e-7)
        // Cached losses have the values of plain ones, wherever the caching is written.
        for name in ["CachedMatryoshkaLoss", "MatryoshkaLoss"] {
            var options = options
            if name == "MatryoshkaLoss" { options["loss"] = ["name": "CachedMultipleNegativesRankingLoss", "mini_batch_size": 2] }
            #expect(abs(try number(calculate(name, options: options, batch)["value"]) - 15.24799078) < 1e-7)
        }
    }

    @Test func adaptiveLayerTakesLayers() throws {
        let layers: JSONValue = .array((0..<4).map { l in .array((0..<2).map { column($0, shift: 0.5 * Double(3 - l)) }) })
        let result = try calculate(
            "AdaptiveLayerLoss", options: ["loss": "MultipleNegativesRankingLoss", "n_layers_per_step": -1],
            ["layers": layers])
        #expect(abs(try number(result["value"]) - 2.861829622) < 1e-8)
        guard case .array(let layerGradients)? = result["layer_gradients"] else { fatalError("no gradients of layers") }
        #expect(layerGradients.count == 4 && layerGradients.last == result["gradients"])
        let norm = try numbers(result["gradients"]!).reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(norm - 4.8000782) < 1e-6)
    }

    @Test func textsThatAreEqualAreMasked() throws {
        let embeddings: JSONValue = [[[1, 0], [0, 1]], [[1, 0.5], [1, 0.5]]]
        let options: JSONObject = ["mask_duplicates": true]
        let different = try calculate("MultipleNegativesRankingLoss", options: options, ["embeddings": embeddings])
        let equal = try calculate(
            "MultipleNegativesRankingLoss", options: options,
            ["embeddings": embeddings, "texts": [["a", "b"], ["same", "same"]]])
        #expect(abs(try number(different["value"]) - log(2)) < 1e-12)
        #expect(abs(try number(equal["value"])) < 1e-12)
    }

    @Test func contrastiveTensionIsOfTheEmbeddingsByTwoEncoders() throws {
        let pairs: JSONObject = ["embeddings": [[[1, 2], [0.5, -1]], [[1, 1], [1, 0.25]]]]
        let s = [3, 0.25]
        func expected(_ labels: [Double]) -> Double { zip(s, labels).reduce(0) { $0 + log(1 + exp($1.0)) - $1.0 * $1.1 } }
        var labelled = pairs
        labelled["labels"] = [1, 0.25]
        #expect(abs(try number(calculate("ContrastiveTensionLoss", labelled)["value"]) - expected([1, 0.25])) < 1e-12)
        #expect(abs(try number(calculate("ContrastiveTensionLoss", pairs)["value"]) - expected([0, 0])) < 1e-12)
        var equal = pairs
        equal["texts"] = [["a", "b"], ["c", "b"]]
        #expect(abs(try number(calculate("ContrastiveTensionLoss", equal)["value"]) - expected([0, 1])) < 1e-12)
    }

    @Test func contrastiveTensionInBatchTakesItsScaleOrAParameter() throws {
        let (a, b) = ([[1.0, 0], [0.6, 0.8], [0, -1]], [[0.8, 0.6], [0, 1.0], [-0.6, 0.8]])
        func loss(_ scale: Double) -> Double {
            let z = a.map { a in b.map { b in scale * (a[0] * b[0] + a[1] * b[1]) } }
            func crossEntropy(_ z: [[Double]]) -> Double {
                z.indices.reduce(0) { $0 + log(z[$1].reduce(0) { $0 + exp($1) }) - z[$1][$1] } / 3
            }
            return (crossEntropy(z) + crossEntropy((0..<3).map { j in z.map { $0[j] } })) / 2
        }
        func json(_ column: [[Double]]) -> JSONValue { .array(column.map { .array($0.map { .real($0) }) }) }
        var batch: JSONObject = ["embeddings": .array([json(a), json(b)])]
        let name = "ContrastiveTensionLossInBatchNegatives"
        let result = try calculate(name, options: ["scale": 5], batch)
        #expect(abs(try number(result["value"]) - loss(5)) < 1e-12)
        #expect(abs(try number(calculate(name, batch)["value"]) - loss(20)) < 1e-11)
        guard case .object(let gradients)? = result["parameter_gradients"] else { fatalError("no gradients") }
        let difference = (loss(5 * exp(1e-5)) - loss(5 * exp(-1e-5))) / 2e-5
        #expect(abs(try number(gradients["logit_scale"]) - difference) < 1e-8)
        batch["parameters"] = ["logit_scale": .real(log(7))]
        #expect(abs(try number(calculate(name, batch)["value"]) - loss(7)) < 1e-12)
        // One column: both encoders are the same.
        let one = try calculate(name, ["embeddings": .array([json(a)])])
        let two = try calculate(name, ["embeddings": .array([json(a), json(a)])])
        #expect(one["value"] == two["value"])
    }

    @Test func whatIsNotFiniteIsSaid() throws {
        let result = try calculate("CosineSimilarityLoss", ["embeddings": [[["NaN", 1]], [[1, 2]]], "labels": [1]])
        #expect(result["value"] == "NaN")
    }

    @Test func standardInputAndTables() throws {
        try tool.write("batch.json", #"{"embeddings": [[[1, 0]], [[0, 1]]], "labels": [0.5]}"#)
        let input = try Data(contentsOf: tool.folder.appendingPathComponent("batch.json"))
        let result = try tool.run(["loss", "CosineSimilarityLoss", "--input", "-", "--gradients"], input: input)
        #expect(result.code == 0 && result.output.contains("0.25"), "\(result.errors)")
        #expect(result.output.contains("embeddings[1]") && result.output.contains("norm"))
        let plain = try tool.run("loss", "CosineSimilarityLoss", "--input", "batch.json", "--json")
        #expect(plain.output == "{\"value\":0.25,\"components\":{}}\n")
    }

    @Test func digitsGiveTheNumberBack() throws {
        let third: JSONObject = ["embeddings": [[[1, 0]], [[1, 0]]], "labels": [.real(1.0 / 3)]]
        #expect(try number(calculate("CosineSimilarityLoss", third)["value"]) == (1 - 1.0 / 3) * (1 - 1.0 / 3))
    }

    // MARK: Bad input

    @Test(arguments: [
        (#"{"embeddings": [[[1, 2, 3]], [[1, 2]]], "labels": [1]}"#, "embeddings[1][0]: 2 numbers, expected 3"),
        (#"{"embeddings": [[[1, 2], [1, 2]], [[1, 2]]], "labels": [1, 2]}"#, "embeddings[1]: 1 list, expected 2"),
        (#"{"embeddings": [[1, 2], [1, 2]], "labels": [1]}"#, "embeddings: lists nested 2 deep, expected 3"),
        (#"{"embeddings": [[[1, "x"]], [[1, 2]]], "labels": [1]}"#, "embeddings[0][0][1]: \"x\", expected a number"),
        (#"{"embeddings": [[[1, null]], [[1, 2]]], "labels": [1]}"#, "embeddings[0][0][1]: null, expected a number"),
        (#"{"embeddings": [[[1, 2]], []], "labels": [1]}"#, "embeddings[1]: an empty list, expected lists"),
        (#"{"embeddings": [[[1, 2]], [[1, 2]]], "labels": [1, 0]}"#, "labels: 2 labels, expected 1"),
        (#"{"embeddings": [[[1, 2]], [[1, 2]]], "labels": [1], "lables": [1]}"#, "lables: there is no such key"),
        (#"{"embeddings": [[[1, 2]], [[1, 2]]], "labels": [1], "parameters": {"w": 1}}"#, "parameters.w: CoSENTLoss has no such parameter"),
        (#"{"embeddings": [[[1, 2]], [[1, 2]]]}"#, "CoSENTLoss needs a label"),
        (#"{"embeddings": [[[1, 2]]], "labels": [1]}"#, "CoSENTLoss takes 2 text columns"),
        (#"{"labels": [1]}"#, "embeddings: is missing"),
        (#"{"embeddings": [[[1, 2]]"#, "not valid JSON"),
        ("[1]", "an object was expected"),
    ]) func filesThatAreWrong(_ content: String, _ message: String) throws {
        try tool.write("batch.json", content)
        let result = try tool.run("loss", "CoSENTLoss", "--input", "batch.json")
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.errors.contains("batch.json: \(message)"), "\(result.errors)")
    }

    @Test(arguments: [
        (["CosentLos"], "did you mean CoSENTLoss"), (["CoSENTLoss", "--options", #"{"scal": 5}"#], "did you mean scale"),
        (["CoSENTLoss", "--options", #"{"scale": "x"}"#], "scale must be a number, not \"x\""),
        (["CoSENTLoss", "--options", "5"], "--options: an object was expected"), (["CoSENTLoss", "--options", "{"], "not valid JSON"),
        (["CosineSimilarityLoss", "--options", #"{"scale": 5}"#], "has no option scale; it has none"),
        (["MatryoshkaLoss"], "matryoshka_dims must be"), (["CoSENTLoss", "--dtype", "float16"], "float32"),
        (["CachedCoSENTLoss", "--options", #"{"mini_batch_size": 0}"#], "CachedCoSENTLoss: mini_batch_size must be 1 or more, not 0"),
    ]) func wrongUsage(_ arguments: [String], _ message: String) throws {
        let result = try tool.run(["loss"] + arguments + ["--input", "none.json"])
        #expect(result.code == 2)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test func ownParametersAndGuidesAreAskedFor() throws {
        try tool.write("batch.json", #"{"embeddings": [[[1, 2]], [[1, 2]]], "labels": [1], "parameters": {"classifier.bias": [0, 0, 0]}}"#)
        let classes = try tool.run("loss", "SoftmaxLoss", "--options", #"{"num_labels": 3}"#, "--input", "batch.json")
        #expect(
            classes.code == 1 && classes.errors.contains("batch.json: parameters.classifier.weight: is missing; numbers of shape [3, 6]"),
            "\(classes.errors)")
        try tool.write("pairs.json", #"{"embeddings": [[[1, 2]], [[1, 2]]]}"#)
        let guided = try tool.run("loss", "GISTEmbedLoss", "--input", "pairs.json")
        #expect(guided.code == 1 && guided.errors.contains("pairs.json: guide_embeddings: is missing"), "\(guided.errors)")
        let decoder = try tool.run("loss", "DenoisingAutoEncoderLoss", "--input", "pairs.json")
        #expect(decoder.code == 2 && decoder.errors.contains("DenoisingAutoEncoderLoss is no function of embeddings"), "\(decoder.errors)")
    }

    @Test func lossesOfLayersAskForThem() throws {
        try tool.write("batch.json", #"{"embeddings": [[[1, 2]], [[1, 2]]], "labels": [1]}"#)
        let result = try tool.run("loss", "AdaptiveLayerLoss", "--options", #"{"loss": "CoSENTLoss"}"#, "--input", "batch.json")
        #expect(result.code == 1 && result.errors.contains("batch.json: layers: is missing"), "\(result.errors)")
    }

    // MARK: Helpers

    private func calculate(_ loss: String, options: JSONObject = [:], _ batch: JSONObject) throws -> JSONObject {
        try tool.write("batch.json", JSONValue.object(batch).serialized(.compact))
        let result = try tool.run(
            "loss", loss, "--options", JSONValue.object(options).serialized(.compact), "--input", "batch.json",
            "--gradients", "--dtype", "float64", "--json")
        try #require(result.code == 0, "\(result.errors)")
        guard case .object(let object) = try JSONValue.parse(Array(result.output.utf8)) else { fatalError("no object") }
        return object
    }

    private func number(_ value: JSONValue?) throws -> Double { try numbers(value ?? .null)[0] }

    /// All numbers in lists of lists, in order.
    private func numbers(_ value: JSONValue) throws -> [Double] {
        switch value {
        case .array(let elements): try elements.flatMap(numbers)
        case .integer(let integer): [Double(integer)]
        case .number(let number): [number.doubleValue]
        default: throw BadNumber(text: value.serialized(.compact))
        }
    }

    private struct BadNumber: Error { let text: String }
}
