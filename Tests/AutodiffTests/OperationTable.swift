import Autodiff
import Foundation
import ModelFiles
import Testing

/// One case of `Fixtures/operations`: an operation, its options and the reference's figures in float64.
struct OperationCase: Sendable, CustomTestStringConvertible {
    let name: String
    let operation: String
    let options: [String: OptionValue]
    let inputs: [Tensor]

    var testDescription: String { name }

    enum OptionValue: Sendable, Decodable {
        case bool(Bool), number(Double), numbers([Double])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else {
                self = .numbers(try container.decode([Double].self))
            }
        }
    }

    func number(_ key: String) -> Double? {
        guard case .number(let value)? = options[key] else { return nil }
        return value
    }

    func integer(_ key: String) -> Int { Int(number(key)!) }

    func integers(_ key: String) -> [Int] {
        guard case .numbers(let values)? = options[key] else { return [] }
        return values.map { Int($0) }
    }

    func flag(_ key: String) -> Bool {
        guard case .bool(let value)? = options[key] else { return false }
        return value
    }

    var offsets: Offsets { Offsets(integers("offsets")) }

    /// Positions of the inputs that have derivatives.
    var differentiable: [Int] { inputs.indices.filter { inputs[$0].dtype == .float64 } }

    func reference(_ part: String) throws -> Tensor { try Self.file.tensor("\(name)/\(part)") }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/operations")
    static let file = try! SafetensorsFile(contentsOf: folder.appendingPathComponent("operations.safetensors"))

    private struct Entry: Decodable {
        let op: String
        let inputs: Int
        let options: [String: OptionValue]
    }

    static let all: [OperationCase] = {
        let data = try! Data(contentsOf: folder.appendingPathComponent("operations.json"))
        let entries = try! JSONDecoder().decode([String: Entry].self, from: data)
        return entries.sorted { $0.key < $1.key }.map { name, entry in
            OperationCase(
                name: name, operation: entry.op, options: entry.options,
                inputs: (0..<entry.inputs).map { try! file.tensor("\(name)/in\($0)") })
        }
    }()

    /// What the reference has and this library does not.
    static let notOffered: Set = ["cumulativeSum"]

    static let offered = all.filter { !notOffered.contains($0.operation) }
}

/// Every operation by its name in the fixtures.
enum OperationTable {
    typealias Operation = @Sendable (_ x: [Tensor], _ c: OperationCase) -> Tensor

    static let operations: [String: Operation] = elementwise.merging(structural) { $1 }.merging(composed) { $1 }

    private static let elementwise: [String: Operation] = [
        "add": { x, _ in x[0] + x[1] }, "subtract": { x, _ in x[0] - x[1] },
        "multiply": { x, _ in x[0] * x[1] }, "divide": { x, _ in x[0] / x[1] },
        "pow": { x, _ in x[0].pow(x[1]) }, "powScalar": { x, c in x[0].pow(c.number("exponent")!) },
        "maximum": { x, _ in .maximum(x[0], x[1]) }, "minimum": { x, _ in .minimum(x[0], x[1]) },
        "negate": { x, _ in -x[0] }, "abs": { x, _ in x[0].abs() }, "exp": { x, _ in x[0].exp() },
        "log": { x, _ in x[0].log() }, "log1p": { x, _ in x[0].log1p() }, "sqrt": { x, _ in x[0].sqrt() },
        "reciprocal": { x, _ in x[0].reciprocal() }, "square": { x, _ in x[0].square() },
        "tanh": { x, _ in x[0].tanh() }, "sigmoid": { x, _ in x[0].sigmoid() }, "erf": { x, _ in x[0].erf() },
        "relu": { x, _ in x[0].relu() }, "softplus": { x, _ in x[0].softplus() }, "silu": { x, _ in x[0].silu() },
        "sin": { x, _ in x[0].sin() }, "cos": { x, _ in x[0].cos() },
        "gelu": { x, _ in x[0].gelu() }, "geluTanh": { x, _ in x[0].geluTanh() },
        "clamp": { x, c in x[0].clamped(from: c.number("min") ?? -.infinity, to: c.number("max") ?? .infinity) },
        "select": { x, _ in .select(x[0], x[1], x[2]) },
    ]

    private static let structural: [String: Operation] = [
        "sum": { x, c in x[0].sum(alongAxes: c.integers("axes"), keepingAxes: c.flag("keepingAxes")) },
        "mean": { x, c in x[0].mean(alongAxes: c.integers("axes"), keepingAxes: c.flag("keepingAxes")) },
        "max": { x, c in x[0].max(alongAxes: c.integers("axes"), keepingAxes: c.flag("keepingAxes")) },
        "min": { x, c in x[0].min(alongAxes: c.integers("axes"), keepingAxes: c.flag("keepingAxes")) },
        "logSumExp": { x, c in x[0].logSumExp(alongAxes: c.integers("axes"), keepingAxes: c.flag("keepingAxes")) },
        "norm": { x, c in
            c.integer("order") == 1
                ? x[0].l1Norm(alongAxis: c.integer("axis"), keepingAxis: c.flag("keepingAxis"))
                : x[0].norm(alongAxis: c.integer("axis"), keepingAxis: c.flag("keepingAxis"))
        },
        "gatherRows": { x, _ in x[0].gatheringRows(at: x[1]) },
        "scatterAddRows": { x, c in x[0].scatterAddingRows(at: x[1], rowCount: c.integer("rows")) },
        "takeAlongAxis": { x, _ in x[0].takingAlongLastAxis(x[1]) },
        "scatterAddAlongAxis": { x, c in x[0].scatterAddingAlongLastAxis(at: x[1], length: c.integer("length")) },
        "concatenate": { x, c in .concatenating(x, alongAxis: c.integer("axis")) },
        "split": { x, c in x[0].split(lengths: c.integers("sizes"), alongAxis: c.integer("axis"))[c.integer("piece")] },
        "slice": { x, c in x[0].sliced(c.integer("start")..<c.integer("end"), alongAxis: c.integer("axis")) },
        "stack": { x, _ in .stacking(x) }, "transpose": { x, _ in x[0].transposed() },
        "permute": { x, c in x[0].permuted(axes: c.integers("order")) },
        "reshape": { x, c in x[0].reshaped(c.integers("shape")) },
        "broadcast": { x, c in x[0].broadcast(to: c.integers("shape")) },
        "diagonal": { x, _ in x[0].diagonal() },
        "topK": { x, c in x[0].topK(c.integer("count"), largest: c.flag("largest")).values },
        "sort": { x, c in x[0].sorted(descending: c.flag("descending")).values },
    ]

    private static let composed: [String: Operation] = [
        "matmul": { x, c in
            x[0].matmul(x[1], transposingA: c.flag("transposeLeft"), transposingB: c.flag("transposeRight"))
        },
        "linear": { x, _ in x[0].linear(weight: x[1], bias: x.count > 2 ? x[2] : nil) },
        "softmax": { x, _ in x[0].softmax() }, "logSoftmax": { x, _ in x[0].logSoftmax() },
        "crossEntropy": { x, _ in x[0].crossEntropy(targets: x[1]) },
        "layerNorm": { x, c in x[0].layerNorm(scale: x[1], shift: x[2], epsilon: c.number("epsilon")!) },
        "attention": { x, c in
            .raggedAttention(queries: x[0], keys: x[1], values: x[2], offsets: c.offsets, headCount: c.integer("heads"))
        },
        "segmentSum": { x, c in x[0].segmentSum(c.offsets) }, "segmentMean": { x, c in x[0].segmentMean(c.offsets) },
        "segmentMax": { x, c in x[0].segmentMax(c.offsets) }, "segmentFirst": { x, c in x[0].segmentFirst(c.offsets) },
        "segmentLast": { x, c in x[0].segmentLast(c.offsets) },
        "segmentSoftmax": { x, c in x[0].segmentSoftmax(c.offsets) },
        "repeatRows": { x, c in x[0].repeatingRows(c.offsets) },
        "cosineSimilarity": { x, _ in cosineSimilarity(x[0], x[1]) }, "dotProduct": { x, _ in dotProduct(x[0], x[1]) },
        "euclideanDistance": { x, _ in euclideanDistance(x[0], x[1]) },
        "manhattanDistance": { x, _ in manhattanDistance(x[0], x[1]) },
        "pairwiseCosineSimilarity": { x, _ in pairwiseCosineSimilarity(x[0], x[1]) },
        "pairwiseClampedCosine": { x, _ in pairwiseCosineSimilarity(x[0], x[1], epsilon: 1e-8) },
        "pairwiseDotProduct": { x, _ in pairwiseDotProduct(x[0], x[1]) },
        "pairwiseEuclideanDistance": { x, _ in pairwiseEuclideanDistance(x[0], x[1]) },
        "pairwiseManhattanDistance": { x, _ in pairwiseManhattanDistance(x[0], x[1]) },
        "normalize": { x, _ in x[0].normalized() },
    ]
}
