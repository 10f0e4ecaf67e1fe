import Autodiff
import Foundation
import JSON
import Layers
import Losses
import ModelFiles
import Synchronization
import Testing

/// One case of `Fixtures/losses`: a loss with its settings, and the reference's figures in float64.
///
/// `<family>.json` lists the cases: `{"loss": name, "columns": count, "labels": name or null, "settings": {…}}`, the
/// settings being options by the reference's names; where they matter also `"rows"`, `"layers"` below the last, what the
/// loss drew (`"chosen"`), what the loss inside of it drew, call by call (`"chosen_inside"`), and the names of its side
/// inputs (`"sides"`). `<family>.safetensors` holds `columns/<n>`, `layers/<l>/<n>`, `labels/<name>`, `sides/<name>` of the
/// shape `[C, B, …]`, and for each case `<case>/value`,
/// `<case>/component/<name>`, `<case>/grad<n>`, `<case>/layer<l>/grad<n>`, and for parameters of its own
/// `<case>/parameter/<name>` and `<case>/gradient/<name>`.
struct LossCase: Sendable, CustomTestStringConvertible {
    let name: String
    private let lossName: String
    private let settings: JSONObject
    private let inputs: [(place: String, tensor: Tensor)]
    private let columnCount: Int
    private let labels: Tensor?
    private let sides: [Tensor]
    private let chosen: [Int]?
    private let chosenInside: [[Int]]?
    private let file: SafetensorsFile

    var testDescription: String { name }

    /// A loss of its own for each caller, as tests run at the same time.
    var loss: any Loss {
        let loss = try! LossCatalog.loss(
            named: lossName, options: settings, surroundings: .init(embeddingDimension: inputs[0].tensor.shape[1]))
        for named in loss.parameters { named.parameter.value = try! reference("parameter/\(named.name)") }
        return loss
    }

    func reference(_ part: String) throws -> Tensor { try file.tensor("\(name)/\(part)").cast(to: .float64) }

    /// Names under which the reference returns the parts of the sum.
    var componentNames: Set<String> {
        let prefix = "\(name)/component/"
        return Set(file.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
    }

    /// The loss of the case's first rows, with its draws.
    ///
    /// - Parameter values: Instead of the embeddings of a layer and column.
    func trial(_ dtype: DType = .float64, rows: Int = .max, _ values: (Int, Tensor) -> Tensor = { $1 }) -> LossTrial {
        let loss = loss
        for named in loss.parameters { named.parameter.value = named.parameter.value.cast(to: dtype) }
        let rows = 0..<min(rows, inputs[0].tensor.shape[0])
        let leaves = inputs.enumerated().map { index, input in
            NamedParameter(name: input.place, parameter: Parameter(values(index, input.tensor.sliced(rows)).cast(to: dtype)))
        }
        return LossTrial(
            loss: loss, inputs: leaves, columnCount: columnCount, labels: labels?.sliced(rows).cast(to: dtype),
            sides: SideInputs(sides.map { $0.sliced(rows, alongAxis: 1).cast(to: dtype) }), chosen: chosen, chosenInside: chosenInside)
    }

    /// Of every family: a listing with tensors of the same name beside it.
    static let all = try! FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "json" }.map { $0.deletingPathExtension().lastPathComponent }.sorted()
        .filter { FileManager.default.fileExists(atPath: folder.appendingPathComponent("\($0).safetensors").path) }
        .flatMap { cases(of: $0) }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/losses")

    private static func cases(of family: String) -> [LossCase] {
        let file = try! SafetensorsFile(contentsOf: folder.appendingPathComponent("\(family).safetensors"))
        let listing = try! JSONFile.readObject(folder.appendingPathComponent("\(family).json"))
        return listing.members.sorted { $0.key < $1.key }.map { name, value in
            guard case .object(let entry) = value, case .string(let loss)? = entry["loss"],
                let columns = entry["columns"]?.integer, case .object(let settings)? = entry["settings"]
            else {
                fatalError("\(family).json: \(name) is no case")
            }
            func tensor(_ name: String) -> Tensor {
                let whole = try! file.tensor(name).cast(to: .float64)
                return entry["rows"]?.integer.map { whole.sliced(0..<$0) } ?? whole
            }
            var labels: Tensor?
            if case .string(let name)? = entry["labels"] { labels = tensor("labels/\(name)") }
            let lower = (0..<(entry["layers"]?.integer ?? 0)).flatMap { layer in
                (0..<columns).map { ("layer\(layer)/grad\($0)", tensor("layers/\(layer)/\($0)")) }
            }
            let sides = (entry["sides"]?.texts ?? []).map { name in
                let whole = try! file.tensor("sides/\(name)").cast(to: .float64).sliced(0..<columns)
                return entry["rows"]?.integer.map { whole.sliced(0..<$0, alongAxis: 1) } ?? whole
            }
            return LossCase(
                name: name, lossName: loss, settings: settings,
                inputs: lower + (0..<columns).map { ("grad\($0)", tensor("columns/\($0)")) }, columnCount: columns,
                labels: labels, sides: sides, chosen: entry["chosen"]?.integers, chosenInside: entry["chosen_inside"]?.lists, file: file)
        }
    }
}

/// A loss with all that it is a function of: embeddings by column and layer, and parameters of its own.
struct LossTrial {
    let loss: any Loss
    /// By the names of their gradients in the fixtures: the layers below the last, then the columns.
    let inputs: [NamedParameter]
    let columnCount: Int
    let labels: Tensor?
    let sides: SideInputs
    let chosen: [Int]?
    let chosenInside: [[Int]]?

    /// All of these that have a gradient.
    var leaves: [NamedParameter] { inputs + loss.parameters.map { NamedParameter(name: "gradient/\($0.name)", parameter: $0.parameter) } }

    func callAsFunction() -> LossValue {
        let levels = stride(from: 0, to: inputs.count, by: columnCount).map { start in
            inputs[start..<start + columnCount].map(\.parameter.value)
        }
        let batch = LossBatch(levels.last!, labels: labels, sides: sides, layers: levels.count > 1 ? levels : [])
        guard let chosen else { return loss(batch) }
        if let loss = loss as? Matryoshka { return loss(batch, at: chosen) }
        let adaptive = loss as! AdaptiveLayer
        guard let chosenInside else { return adaptive(batch, at: chosen) }
        return AdaptiveLayer(
            ToldDimensions(adaptive.loss as! Matryoshka, chosenInside), layersPerStep: adaptive.layersPerStep,
            lastLayerWeight: adaptive.lastLayerWeight, priorLayersWeight: adaptive.priorLayersWeight,
            klDivWeight: adaptive.klDivWeight, klTemperature: adaptive.klTemperature, layerWeighting: adaptive.layerWeighting
        )(batch, at: chosen)
    }

    func valueAndGradients() throws -> (value: LossValue, gradients: [(name: String, tensor: Tensor)]) {
        var found: LossValue?
        let leaves = leaves
        let (_, gradients) = Layers.valueAndGradients(of: leaves.map(\.parameter)) {
            let value = self()
            found = LossValue(components: value.components.map { ($0.name, $0.value.detached()) })
            return value.total
        }
        return (
            found!,
            leaves.map { named in
                (named.name, gradients[named.parameter]?.tensor ?? .zeros(named.parameter.shape, dtype: named.parameter.value.dtype))
            }
        )
    }
}

/// Matryoshka whose draws are told beforehand, call by call.
private final class ToldDimensions: Loss {
    private let loss: Matryoshka
    private let draws: [[Int]]
    private let calls = Mutex(0)

    init(_ loss: Matryoshka, _ draws: [[Int]]) { (self.loss, self.draws) = (loss, draws) }

    var inputs: LossInputs { loss.inputs }

    func callAsFunction(_ batch: LossBatch) -> LossValue {
        let call = calls.withLock { calls in
            calls += 1
            return calls - 1
        }
        return loss(batch, at: draws[call % draws.count])
    }
}

extension JSONValue {
    fileprivate var integer: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    fileprivate var integers: [Int]? {
        guard case .array(let values) = self else { return nil }
        return values.map { $0.integer! }
    }

    fileprivate var texts: [String]? {
        guard case .array(let values) = self else { return nil }
        return values.map { value in
            guard case .string(let text) = value else { fatalError("\(value) is no text") }
            return text
        }
    }

    fileprivate var lists: [[Int]]? {
        guard case .array(let values) = self else { return nil }
        return values.map { $0.integers! }
    }
}
