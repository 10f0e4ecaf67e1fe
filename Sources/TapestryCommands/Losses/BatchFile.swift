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

/// A part of such a file.
typealias BatchNode = JSONNode<BatchFileError>

extension BatchFileError: JSONReadingError {
    init(_ problem: JSONProblem, at place: JSONPlace) {
        let text =
            switch problem {
            case .missing(_, let expected): "is missing; \(expected) was expected"
            case .mismatch(let expected, let found): "\(found.shortName), expected \(expected)"
            case .malformed(let problem), .unsupported(let problem): problem
            }
        self.init(file: place.file, key: place.path.isEmpty ? nil : place.path, problem: text)
    }
}

extension JSONValue {
    fileprivate var shortName: String {
        switch self {
        case .array: "a list"
        case .object: "an object"
        default: serialized(.compact)
        }
    }
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
    /// - Throws: `BatchFileError`.
    init(path: String, dtype: DType) throws {
        let path = path == "-" ? "standard input" : path
        let root = try Self.root(path)
        func node(_ key: String) throws -> BatchNode? { try root.present(key) }
        func numbers(_ key: String, _ ranks: ClosedRange<Int>) throws -> NumberLists? {
            try node(key).map { try NumberLists($0, ranks: ranks) }
        }
        func wrong(_ key: String, _ problem: String) -> BatchFileError { BatchFileError(file: path, key: key, problem: problem) }
        if let key = try root.object().keys.first(where: { !Self.keys.contains($0) }) {
            throw wrong(key, "there is no such key; there are \(Self.keys.joined(separator: ", "))")
        }
        let layers = try numbers("layers", 4...4)
        guard
            let embeddings = try numbers("embeddings", 3...3)
                ?? node("layers")?.elements().last.map({ try NumberLists($0, ranks: 3...3) })
        else {
            throw wrong("embeddings", "is missing; [columns][rows][numbers] was expected")
        }
        if let layers,
            Array(layers.shape.dropFirst()) != embeddings.shape
                || !layers.values.suffix(embeddings.values.count).elementsEqual(embeddings.values, by: { $0.isNaN ? $1.isNaN : $0 == $1 })
        {
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
        texts =
            try node("texts").map { try Self.texts($0, columns, rows) }
            ?? (0..<columns).map { column in (0..<rows).map { "\(column):\($0)" } }
        parameters =
            try node("parameters").map { node in
                try node.object().keys.map { ($0, try NumberLists(node.required($0), ranks: 0...4).tensor(dtype)) }
            } ?? []
    }

    private static func root(_ path: String) throws -> BatchNode {
        func wrong(_ problem: String) -> BatchFileError { BatchFileError(file: path, key: nil, problem: problem) }
        do {
            let data =
                path == "standard input"
                ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(fileURLWithPath: path))
            let root = BatchNode(try JSONValue.parse([UInt8](data)), file: path)
            guard case .object = root.value else { throw wrong("an object was expected: {\"embeddings\": [[[…]]], \"labels\": […]}") }
            return root
        } catch let error as JSONSyntaxError {
            throw wrong("not valid JSON: \(error)")
        } catch let error as BatchFileError {
            throw error
        } catch {
            throw wrong("cannot be read: \(error.systemReason)")
        }
    }

    /// The parts along the first axis.
    private static func split(_ tensor: Tensor) -> [Tensor] {
        (0..<tensor.shape[0]).map { tensor.sliced($0..<$0 + 1).reshaped(Array(tensor.shape.dropFirst())) }
    }

    private static func texts(_ node: BatchNode, _ columns: Int, _ rows: Int) throws -> [[String]] {
        let lists = try node.elements("\(columns) lists of texts, one a column")
        guard lists.count == columns else { throw node.mismatch("\(columns) lists of texts, one a column") }
        return try lists.map { list in
            let texts = try list.strings()
            guard texts.count == rows else { throw list.mismatch("\(rows) texts, one a row") }
            return texts
        }
    }
}
