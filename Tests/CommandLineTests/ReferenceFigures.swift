import Foundation
import Tapestry
import Testing

/// A case of `Fixtures/losses` as input of `tapestry loss`, and the reference's figures for it.
struct ReferenceFigures: Sendable, CustomTestStringConvertible {
    let name: String
    let loss: String
    let options: JSONObject
    let columnCount: Int
    let batch: JSONObject
    let parameterNames: [String]
    private let file: SafetensorsFile

    var testDescription: String { name }

    func reference(_ part: String) throws -> [Double] { try file.tensor("\(name)/\(part)").values }

    private static let folder = CommandLineTool.fixtureModel.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("losses")

    /// Those of a family in which nothing is drawn.
    static func all(in family: String) -> [ReferenceFigures] {
        let file = try! SafetensorsFile(contentsOf: folder.appendingPathComponent("\(family).safetensors"))
        return try! JSONFile.readObject(folder.appendingPathComponent("\(family).json")).members.compactMap { name, value in
            guard case .object(let entry) = value, (entry["chosen"] ?? .null) == .null, (entry["chosen_inside"] ?? .null) == .null else {
                return nil
            }
            return ReferenceFigures(name, entry, file)
        }
    }

    private init(_ name: String, _ entry: JSONObject, _ file: SafetensorsFile) {
        guard case .string(let loss)? = entry["loss"], case .integer(let columns)? = entry["columns"],
            case .object(let options)? = entry["settings"]
        else { fatalError("\(name) is no case") }
        func lists(_ name: String) -> JSONValue {
            let tensor = try! file.tensor(name)
            guard case .integer(let rows)? = entry["rows"] else { return Self.lists(tensor) }
            return Self.lists(tensor.sliced(0..<rows))
        }
        let embeddings = JSONValue.array((0..<columns).map { lists("columns/\($0)") })
        var batch: JSONObject = ["embeddings": embeddings]
        if case .string(let labels)? = entry["labels"] { batch["labels"] = lists("labels/\(labels)") }
        if case .integer(let layers)? = entry["layers"], layers > 0 {
            batch["layers"] = .array(
                (0..<layers).map { layer in .array((0..<columns).map { lists("layers/\(layer)/\($0)") }) } + [embeddings])
        }
        if case .array(let sides)? = entry["sides"], case .string(let guide)? = sides.first {
            let tensor = try! file.tensor("sides/\(guide)")
            let rows: Int = if case .integer(let rows)? = entry["rows"] { rows } else { tensor.shape[1] }
            batch["guide_embeddings"] = Self.lists(tensor.sliced(0..<columns).sliced(0..<rows, alongAxis: 1))
        }
        let prefix = "\(name)/parameter/"
        parameterNames = file.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            .sorted { ($0.hasSuffix("weight") ? 0 : 1, $0) < ($1.hasSuffix("weight") ? 0 : 1, $1) }
        if !parameterNames.isEmpty {
            var parameters = JSONObject()
            for parameter in parameterNames { parameters[parameter] = Self.lists(try! file.tensor(prefix + parameter)) }
            batch["parameters"] = .object(parameters)
        }
        (self.name, self.loss, self.options, columnCount, self.batch, self.file) = (name, loss, options, columns, batch, file)
    }

    private static func lists(_ tensor: Tensor) -> JSONValue {
        func lists(_ values: ArraySlice<Double>, _ shape: ArraySlice<Int>) -> JSONValue {
            guard let count = shape.first else { return number(values.first!) }
            let width = values.count / count
            return .array((0..<count).map { lists(values.dropFirst($0 * width).prefix(width), shape.dropFirst()) })
        }
        return lists(tensor.values[...], tensor.shape[...])
    }

    private static func number(_ value: Double) -> JSONValue {
        value.isFinite ? .real(value) : .string(value < 0 ? "-Infinity" : "Infinity")
    }
}
