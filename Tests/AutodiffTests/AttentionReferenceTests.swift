@testable import Autodiff
import Foundation
import ModelFiles
import Testing

/// Attention layers of models in the Transformers library, with what they need of scores, equal ours in value and gradient.
struct AttentionReferenceTests {
    struct Options: Decodable, Sendable {
        var lengths: [Int]?, memoryLengths: [Int]?, heads: Int?
        var scale: Double?, causal: Bool?, window: [Int]?, theta: Double?, buckets: Int?, maximumDistance: Int?

        var rule: DistanceBuckets {
            .logarithmic(count: buckets!, maximumDistance: maximumDistance!, isBidirectional: causal != true)
        }
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/attention")
    static let file = try! SafetensorsFile(contentsOf: folder.appendingPathComponent("attention.safetensors"))
    static let options = try! JSONDecoder().decode(
        [String: Options].self, from: Data(contentsOf: folder.appendingPathComponent("attention.json")))
    static let layers = options.keys.filter { !$0.hasPrefix("buckets.") }.sorted()
    static let rules = options.keys.filter { $0.hasPrefix("buckets.") }.sorted()

    @Test(arguments: layers, [DType.float64, .float32]) func layersGiveTheirFigures(_ name: String, dtype: DType) throws {
        let options = Self.options[name]!
        func part(_ part: String) throws -> Tensor? {
            Self.file.names.contains("\(name)/\(part)") ? try Self.file.tensor("\(name)/\(part)").cast(to: dtype) : nil
        }
        func project(_ x: Tensor, _ layer: String) throws -> Tensor {
            try x.linear(weight: part(layer)!, bias: part("\(layer).bias"))
        }
        let (x, memory, table) = (try part("x")!, try part("memory"), try part("table"))
        let seed = try part("seed")!
        let width = try part("q")!.shape[0] / options.heads!
        func layer(_ inputs: [Tensor]) -> Tensor {
            let source = memory == nil ? inputs[0] : inputs[1]
            let scores = AttentionScores(
                scale: options.scale, isCausal: options.causal ?? false, window: options.window.map { $0[0]...$0[1] },
                rotation: options.theta.map { RotaryEmbedding(width: width, theta: $0) },
                bias: table.map { _ in DistanceBias(inputs.last!, options.rule) })
            let attended = Tensor.raggedAttention(
                queries: try! project(inputs[0], "q"), keys: try! project(source, "k"), values: try! project(source, "v"),
                offsets: Offsets(lengths: options.lengths!), keyOffsets: options.memoryLengths.map { Offsets(lengths: $0) },
                headCount: options.heads!, scores: scores)
            return try! project(attended, "o")
        }
        let inputs = [x, memory, table].compactMap { $0 }
        let found = [layer(inputs)] + valueAndGradients(at: inputs) { (layer($0) * seed).sum() }.gradients
        let expected = try ["out", "grad", "memoryGrad", "tableGrad"].compactMap(part)
        #expect(found.count == expected.count)
        // The reference turns by angles in float32.
        let tolerance = dtype == .float32 || options.theta != nil ? 2e-6 : 1e-12
        for (a, b) in zip(found, expected) {
            let difference = a.maximumDifference(to: b)
            #expect(difference < tolerance * max(1, b.values.map(abs).max()!), "\(difference)")
        }
    }

    @Test(arguments: rules) func bucketsOfPositions(_ name: String) throws {
        let rule = Self.options[name]!.rule
        let columns = rule.columns.indices
        let found = (-200...200).map { columns[max(-rule.reach, min(rule.reach, $0)) + rule.reach] }
        #expect(found == (try Self.file.tensor(name)).indices)
    }

    @Test(arguments: [8, 12]) func slopesOfLinearBiases(_ headCount: Int) throws {
        let bias = DistanceBias.linear(headCount: headCount, reach: 3, dtype: .float64)
        let slopes = try Self.file.tensor("slopes.\(headCount)").values
        #expect(bias.table.maximumDifference(to: Tensor(slopes.map { [0, -$0, -2 * $0, -3 * $0] }, dtype: .float64)) < 1e-7)
        #expect(bias.buckets.columns.indices == [3, 2, 1, 0, 1, 2, 3])
    }
}
