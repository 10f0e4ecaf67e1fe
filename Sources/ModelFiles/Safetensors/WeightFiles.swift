import Autodiff
import Foundation
import JSON

/// The weights in a model's folder: `model.safetensors`, or shards with an index that says which tensor is in which.
///
/// Where `model.safetensors` is there it is what is read, whatever lies beside it.
public struct WeightFiles: Sendable {
    /// The file of all weights.
    public static let fileName = "model.safetensors"
    /// The file that says which shard holds which weight.
    public static let indexName = "model.safetensors.index.json"

    /// What lists the tensors: the file itself, or the index.
    public let url: URL
    /// The tensors of all files.
    public let entries: [SafetensorsFile.Entry]
    private let files: [ExactKey: SafetensorsFile]

    /// One file.
    public init(_ file: SafetensorsFile) {
        self.init(url: file.url, file.entries.map { ($0, file) })
    }

    private init(url: URL, _ tensors: [(entry: SafetensorsFile.Entry, file: SafetensorsFile)]) {
        self.url = url
        entries = tensors.map(\.entry)
        files = Dictionary(tensors.map { (ExactKey($0.entry.name), $0.file) }) { first, _ in first }
    }

    /// - Throws: ``ModelFileError``: there are no weights, or an index whose shards are not all there.
    public init(folder: URL) throws {
        let file = folder.appendingPathComponent(Self.fileName), index = folder.appendingPathComponent(Self.indexName)
        if FileManager.default.fileExists(atPath: file.path) {
            self.init(try SafetensorsFile(contentsOf: file))
        } else if FileManager.default.fileExists(atPath: index.path) {
            self.init(url: index, try Self.tensors(ofIndex: index))
        } else {
            throw Self.missing(file)
        }
    }

    /// The names of all tensors.
    public var names: [String] { entries.map(\.name) }

    /// The file that holds a tensor; nil where none of this name is there.
    public func file(holding name: String) -> SafetensorsFile? { files[ExactKey(name)] }

    /// - Throws: ``ModelFileError`` for a missing name, or a type that no tensor has.
    public func tensor(_ name: String) throws -> Tensor {
        guard let file = file(holding: name) else {
            throw ModelFileError(.missing, file: url.path, place: name, problem: "there is no tensor of this name")
        }
        return try file.tensor(name)
    }

    /// The tensors that the index names, shard by shard.
    private static func tensors(ofIndex index: URL) throws -> [(entry: SafetensorsFile.Entry, file: SafetensorsFile)] {
        let key = "weight_map", folder = index.deletingLastPathComponent()
        var fields = JSONFields(try JSONFile.readObject(index), file: index.path)
        let places = try fields.required(key, try fields.stringMap(key), "an object of tensors and files")
        let shards = Dictionary(grouping: places.keys) { places[$0]! }.sorted { $0.key < $1.key }
        if let name = shards.map(\.key).first(where: { $0.contains("/") || $0.utf8.contains(0) }) {
            throw fields.error(key, "\(quoted(name)) is no name of a file beside the index")
        }
        let missing = shards.filter { !FileManager.default.fileExists(atPath: folder.appendingPathComponent($0.key).path) }
        guard missing.isEmpty else {
            let names = missing.map { "\($0.key) (\($0.value.count) tensors)" }.joined(separator: ", ")
            throw ModelFileError(
                .missing, file: index.path, place: "key \(quoted(key))",
                problem:
                    "the set is incomplete: there is no \(names); put the missing files beside the index")
        }
        return try shards.flatMap { name, tensors in
            let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent(name))
            if let absent = tensors.sorted().first(where: { file[$0] == nil }) {
                throw fields.error(key, "\(quoted(absent)) should be in \(name), which does not hold it")
            }
            let wanted = Set(tensors.map(ExactKey.init))
            return file.entries.filter { wanted.contains(ExactKey($0.name)) }.map { ($0, file) }
        }
    }

    private static let foreignExtensions = ["bin", "ckpt", "h5", "msgpack", "pt", "pth"]

    /// Says what lies there instead, and what to do with it.
    private static func missing(_ file: URL) -> ModelFileError {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path).sorted()) ?? []
        let others = names.filter { $0.hasSuffix(".safetensors") }
        let foreign = names.filter { foreignExtensions.contains(($0 as NSString).pathExtension) }
        var problem = "there is no such file and no \(indexName)"
        if !others.isEmpty {
            problem += "; there is \(others.joined(separator: ", ")): rename the file that holds this model's weights"
        } else if !foreign.isEmpty {
            problem +=
                "; there is \(foreign.joined(separator: ", ")), which is not read here, because reading a pickle can "
                + "run any code: write the model as safetensors, as SentenceTransformer(…).save_pretrained(…) does in Python"
        }
        return ModelFileError(.missing, file: file.path, problem: problem)
    }
}
