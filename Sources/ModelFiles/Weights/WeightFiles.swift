import Autodiff
import Foundation
import JSON

/// The weights in a model's folder: one file, or shards with an index that says which tensor is in which; safetensors or,
/// where there are none, the files of `torch.save`.
///
/// Where `model.safetensors` is there it is what is read, whatever lies beside it.
public struct WeightFiles: Sendable {
    /// The file of all weights.
    public static let fileName = "model.safetensors"
    /// The file that says which shard holds which weight.
    public static let indexName = "model.safetensors.index.json"
    /// The file of all weights as PyTorch writes it.
    public static let torchFileName = "pytorch_model.bin"
    /// Its index.
    public static let torchIndexName = "pytorch_model.bin.index.json"
    /// What is looked for in a folder, in this order.
    public static let names = [fileName, indexName, torchFileName, torchIndexName]

    /// What lists the tensors: the file itself, or the index.
    public let url: URL
    /// The tensors of all files.
    public let entries: [TensorEntry]
    /// All files, in the order of their names.
    public let files: [any TensorFile]
    private let places: [ExactKey: (entry: Int, file: Int)]

    /// One file.
    public init(_ file: any TensorFile) {
        self.init(url: file.url, [file])
    }

    private init(url: URL, _ files: [any TensorFile]) {
        self.url = url
        self.files = files
        entries = files.flatMap(\.tensors)
        let owners = files.enumerated().flatMap { number, file in file.tensors.map { _ in number } }
        places = Dictionary(entries.enumerated().map { (ExactKey($1.name), ($0, owners[$0])) }) { first, _ in first }
    }

    /// - Throws: ``ModelFileError``: there are no weights, or an index that its shards contradict.
    public init(folder: URL) throws {
        guard let name = Self.name(in: folder) else { throw Self.missing(folder.appendingPathComponent(Self.fileName)) }
        let url = folder.appendingPathComponent(name)
        self.init(url: url, name.hasSuffix(".json") ? try Self.shards(ofIndex: url) : [try Self.open(url)])
    }

    /// The file or index that is read in a folder; nil where there is none.
    public static func name(in folder: URL) -> String? {
        names.first { FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path) }
    }

    /// The names of all tensors.
    public var names: [String] { entries.map(\.name) }

    /// The entry of a name; nil where there is none.
    public subscript(name: String) -> TensorEntry? { places[ExactKey(name)].map { entries[$0.entry] } }

    /// The file that holds a tensor; nil where none of this name is there.
    public func file(holding name: String) -> (any TensorFile)? { places[ExactKey(name)].map { files[$0.file] } }

    /// A tensor of one of the files: see ``TensorFile/tensor(_:isExclusive:)``.
    ///
    /// - Parameters:
    ///   - name: The tensor's name in the files.
    ///   - isExclusive: The caller asks for it only once, and may update it in place.
    /// - Throws: ``ModelFileError`` for a missing name, or a type that no tensor has.
    public func tensor(_ name: String, isExclusive: Bool = false) throws -> Tensor {
        guard let file = file(holding: name) else {
            throw ModelFileError(.missing, file: url.path, place: name, problem: "there is no tensor of this name")
        }
        return try file.tensor(name, isExclusive: isExclusive)
    }

    private static func open(_ url: URL) throws -> any TensorFile {
        url.pathExtension == "safetensors" ? try SafetensorsFile(contentsOf: url) : try TorchFile(contentsOf: url)
    }

    /// The files that an index names; each tensor is in the one that the index says, and in no other.
    private static func shards(ofIndex index: URL) throws -> [any TensorFile] {
        let key = "weight_map", folder = index.deletingLastPathComponent()
        var fields = JSONFields(try JSONFile.readObject(index), file: index.path)
        let places = try fields.required(key, try fields.stringMap(key), "an object of tensors and files")
        let owners = Dictionary(places.map { (ExactKey($0), $1) }) { first, _ in first }
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
        return try shards.map { name, tensors in
            let file = try open(folder.appendingPathComponent(name))
            let held = Set(file.tensors.map { ExactKey($0.name) })
            if let absent = tensors.sorted().first(where: { !held.contains(ExactKey($0)) }) {
                throw fields.error(key, "\(quoted(absent)) should be in \(name), which does not hold it")
            }
            if let other = file.tensors.first(where: { owners[ExactKey($0.name)] != name }) {
                let place = owners[ExactKey(other.name)].map { "should be in \($0)" } ?? "is not in the index"
                throw fields.error(key, "\(quoted(other.name)) \(place), but \(name) holds it, too: the files are of two models")
            }
            return file
        }
    }

    private static let foreignExtensions = ["bin", "ckpt", "h5", "msgpack", "onnx", "ot", "pt", "pth"]

    /// Says what lies there instead, and what to do with it.
    private static func missing(_ file: URL) -> ModelFileError {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path).sorted()) ?? []
        let others = names.filter { $0.hasSuffix(".safetensors") }
        let foreign = names.filter { foreignExtensions.contains(($0 as NSString).pathExtension) }
        var problem = "there is no such file and no \(Self.names.dropFirst().joined(separator: " or "))"
        if !others.isEmpty {
            problem += "; there is \(others.joined(separator: ", ")): rename the file that holds this model's weights"
        } else if !foreign.isEmpty {
            problem +=
                "; there is \(foreign.joined(separator: ", ")), which is not read under this name: write the model as safetensors, "
                + "as SentenceTransformer(…).save_pretrained(…) does in Python"
        }
        return ModelFileError(.missing, file: file.path, problem: problem)
    }
}
