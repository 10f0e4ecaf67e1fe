import Foundation
import Tapestry

/// Where a file that holds a batch went wrong, and what would be right.
struct BatchFileError: Error, CustomStringConvertible {
    let file: String
    /// Where in the JSON: `embeddings[1][3]`; nil for the file as a whole.
    let key: String?
    let problem: String

    var description: String { [file, key, problem].compactMap(\.self).joined(separator: ": ") }
}

/// What a loss is calculated of, read from JSON.
struct BatchFile {
    let path: String
    /// `[C][B, D]`.
    let embeddings: [Tensor]
    /// `[L][C][B, D]`, the last one the embeddings; empty where there are none.
    let layers: [[Tensor]]
    /// `[B]` or more axes.
    let labels: NumberLists?
    /// `[C][B, G]`.
    let guide: [Tensor]?
    /// One array a column; where the file has none, all texts are different.
    let texts: [[String]]
    let parameters: [(name: String, value: Tensor)]

    var columnCount: Int { embeddings.count }
    var rowCount: Int { embeddings[0].shape[0] }
    var width: Int { embeddings[0].shape[1] }

    private static let keys = ["embeddings", "labels", "parameters", "guide_embeddings", "layers", "texts"]

    /// - Parameter path: `-`: standard input.
    /// - Throws: ``BatchFileError``.
    init(path: String, dtype: DType) throws {
        let path = path == "-" ? "standard input" : path
        func wrong(_ key: String?, _ problem: String) -> BatchFileError { BatchFileError(file: path, key: key, problem: problem) }
        let root: JSONObject
        do {
            let data = path == "standard input"
                ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(fileURLWithPath: path))
            guard case .object(let object) = try JSONValue.parse([UInt8](data)) else {
                throw wrong(nil, "an object was expected: {\"embeddings\": [[[…]]], \"labels\": […]}")
            }
            root = object
        } catch let error as JSONSyntaxError {
            throw wrong(nil, "not valid JSON: \(error)")
        } catch let error as BatchFileError {
            throw error
        } catch {
            throw wrong(nil, "cannot be read: \(error.systemReason)")
        }
        if let key = root.keys.first(where: { !Self.keys.contains($0) }) {
            throw wrong(key, "there is no such key; there are \(Self.keys.joined(separator: ", "))")
        }
        func numbers(_ key: String, _ ranks: ClosedRange<Int>) throws -> NumberLists? {
            guard let value = root[key], value != .null else { return nil }
            return try NumberLists(value, key: key, ranks: ranks, file: path)
        }

        let layers = try numbers("layers", 4...4)
        guard let embeddings = try numbers("embeddings", 3...3)
            ?? layers.map({ _ in try NumberLists(Self.last(of: root["layers"]), key: "layers", ranks: 3...3, file: path) }) else {
            throw wrong("embeddings", "is missing; [columns][rows][numbers] was expected")
        }
        if let layers, Array(layers.shape.dropFirst()) != embeddings.shape
            || !layers.values.suffix(embeddings.values.count).elementsEqual(embeddings.values, by: { $0.isNaN ? $1.isNaN : $0 == $1 }) {
            throw wrong("layers[\(layers.shape[0] - 1)]", "the last layer differs from the embeddings, which may be left out")
        }
        let (columns, rows) = (embeddings.shape[0], embeddings.shape[1])
        let labels = try numbers("labels", 1...3)
        if let labels, labels.shape[0] != rows { throw wrong("labels", "\(labels.shape[0]) labels, expected \(rows), one a row") }
        let guide = try numbers("guide_embeddings", 3...3)
        if let guide, guide.shape[0] != columns || guide.shape[1] != rows {
            throw wrong("guide_embeddings", "\(guide.shape[0]) columns of \(guide.shape[1]) rows, expected \(columns) of \(rows)")
        }
        self.path = path
        self.embeddings = Self.split(embeddings.tensor(dtype))
        self.layers = layers.map { Self.split($0.tensor(dtype)).map(Self.split) } ?? []
        self.labels = labels
        self.guide = guide.map { Self.split($0.tensor(dtype)) }
        texts = try Self.texts(root["texts"], columns, rows, wrong)
        parameters = try Self.parameters(root["parameters"], dtype, path)
    }

    private static func last(of value: JSONValue?) -> JSONValue {
        guard case .array(let elements)? = value, let last = elements.last else { return .null }
        return last
    }

    /// The parts along the first axis.
    private static func split(_ tensor: Tensor) -> [Tensor] {
        (0..<tensor.shape[0]).map { tensor.sliced($0..<$0 + 1).reshaped(Array(tensor.shape.dropFirst())) }
    }

    private static func texts(
        _ value: JSONValue?, _ columns: Int, _ rows: Int, _ wrong: (String?, String) -> BatchFileError
    ) throws -> [[String]] {
        guard let value, value != .null else { return (0..<columns).map { column in (0..<rows).map { "\(column):\($0)" } } }
        guard case .array(let lists) = value, lists.count == columns else {
            throw wrong("texts", "\(columns) lists of texts were expected, one a column")
        }
        return try lists.enumerated().map { column, list in
            guard case .array(let elements) = list, elements.count == rows else {
                throw wrong("texts[\(column)]", "\(rows) texts were expected, one a row")
            }
            return try elements.enumerated().map { row, element in
                guard case .string(let text) = element else { throw wrong("texts[\(column)][\(row)]", "a text was expected") }
                return text
            }
        }
    }

    private static func parameters(_ value: JSONValue?, _ dtype: DType, _ path: String) throws -> [(name: String, value: Tensor)] {
        guard let value, value != .null else { return [] }
        guard case .object(let object) = value else {
            throw BatchFileError(file: path, key: "parameters", problem: "an object was expected: {\"classifier.weight\": [[…]]}")
        }
        return try object.members.map { name, value in
            let lists = try NumberLists(value, key: "parameters.\(name)", ranks: 0...4, file: path)
            return (name, lists.tensor(dtype))
        }
    }
}
