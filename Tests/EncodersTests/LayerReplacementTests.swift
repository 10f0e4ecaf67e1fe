import Autodiff
import Encoders
import Foundation
import Layers
import ModelFiles
import Testing

/// Linear layers of a model are exchanged by name for quantized ones, without a copy of the model.
struct LayerReplacementTests {
    private let original: any TokenEncoder
    private let model: any TokenEncoder
    private let batch = TokenBatch(sequences: [[2, 9, 14, 30, 3], [2, 11, 3]])

    init() throws {
        original = try encoder("models/mini-bert")
        model = original.copied()
    }

    private func output(_ encoder: any TokenEncoder) -> Tensor { encoder.hiddenStates(batch, in: .inference).last! }

    @discardableResult
    private func quantize() -> [String: any LinearLayer] {
        model.replaceLayers { name, layer in name.hasSuffix(".dense") ? Int8Linear(layer) : nil }
    }

    @Test func layersAreFoundByTheirNamesInFiles() {
        #expect(
            quantize().keys.sorted() == [
                "encoder.layer.0.attention.output.dense", "encoder.layer.0.intermediate.dense", "encoder.layer.0.output.dense",
            ])
    }

    @Test func outputsAreNearAndTheOriginalCanBePutBack() {
        let before = output(model)
        let originals = quantize()
        let difference = maximumDifference(output(model), before)
        #expect(difference > 0 && difference < 0.05, "\(difference)")
        model.replaceLayers { name, _ in originals[name] }
        #expect(output(model) == before)
        #expect(model.namedParameters.map(\.name) == original.namedParameters.map(\.name))
    }

    @Test func parametersFollow() {
        let before = model.namedParameters
        quantize()
        let gone = Set(before.map(\.name)).subtracting(model.namedParameters.map(\.name))
        #expect(gone.count == 6 && gone.allSatisfy { $0.contains(".dense.") })
        // The others are the very same, and train on.
        for named in model.namedParameters { #expect(before.contains { $0.name == named.name && $0.parameter === named.parameter }) }
        let (_, gradients) = valueAndGradients(of: model.parameters) { output(model).square().sum() }
        #expect(model.parameters.allSatisfy { gradients[$0] != nil })
    }

    @Test func copiesOfTheValueSeeItAndCopiesOfTheModelDoNot() throws {
        let value = model, apart = model.copied()
        quantize()
        #expect(output(value) == output(model))
        #expect(output(apart) == output(original))
        #expect(output(model.copied()) == output(model))
        #expect(output(model.truncated(toLayers: 1)) == output(model))
    }

    @Test func savedAreTheFloatsThatTheyStandFor() throws {
        quantize()
        let folder = try TemporaryFolder()
        try model.configuration.write(toFolder: folder.url)
        try Weights.save(model.namedTensors, to: folder.file("model.safetensors"))
        let again = try EncoderConfiguration.read(fromFolder: folder.url).encoder(fromFolder: folder.url).encoder
        #expect(output(again) == output(model) && output(again) != output(original))
        #expect(again.namedParameters.map(\.name) == original.namedParameters.map(\.name))
    }

    @Test func nothingChangesWhereAReplacementFails() throws {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) {
            try model.replaceLayers { name, layer in
                if name.contains("intermediate") { throw Refusal() }
                return Int8Linear(layer)
            }
        }
        #expect(output(model) == output(original))
    }

    /// Every pass meets either the one or the other layer in each place, never half of something.
    @Test func passesGoOnWhileLayersAreExchanged() async throws {
        let model = SendableEncoder(encoder: model), batch = batch
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<20 { #expect(model.encoder.hiddenStates(batch, in: .inference).last!.values.allSatisfy { $0.isFinite }) }
                }
            }
            for _ in 0..<20 {
                let originals = model.encoder.replaceLayers { name, layer in name.hasSuffix(".dense") ? Int8Linear(layer) : nil }
                model.encoder.replaceLayers { name, _ in originals[name] }
            }
            try await group.waitForAll()
        }
        #expect(output(model.encoder) == output(original))
    }

    private struct SendableEncoder: Sendable { let encoder: any TokenEncoder }
}
