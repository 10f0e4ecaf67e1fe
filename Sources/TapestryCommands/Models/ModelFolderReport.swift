import Foundation
import Tapestry

/// What lies in a folder, whether or not it is a model that can be opened.
struct ModelFolderReport: CustomStringConvertible {
    private let folder: URL
    private(set) var kind = ""
    private var rows: [(part: String, found: String)] = []
    /// What stands against opening it, a sentence each.
    private(set) var problems: [String] = []

    init(_ folder: URL) {
        self.folder = folder
        guard let directory = check({ try ModelDirectory(contentsOf: folder, allowingUnknownModules: true) }) else {
            kind = foreignKind ?? "no model"
            return
        }
        kind =
            directory.hasModuleList
            ? "a \(modelType ?? "SentenceTransformer") of Sentence Transformers"
            : "a plain transformer, without modules.json; pooling is put behind it, but for CLIP"
        for module in directory.modules { read(module, in: directory) }
    }

    private mutating func check<Result>(_ body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch {
            problems.append("\(error)")
            return nil
        }
    }

    private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path) }

    /// What config_sentence_transformers.json says that the whole is.
    private var modelType: String? {
        let url = folder.appendingPathComponent(SentenceTransformerConfiguration.fileName)
        guard let object = try? JSONFile.readObject(url), case .string(let type)? = object["model_type"] else { return nil }
        return type
    }

    /// What the folder is where it is none of those that are opened.
    private var foreignKind: String? {
        if exists("adapter_config.json") {
            return "an adapter of PEFT; it needs its base model: merge the two in Python by merge_and_unload()"
        }
        if exists("model_index.json") { return "a pipeline of diffusers" }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        if let file = names.sorted().first(where: { $0.hasSuffix(".gguf") }) {
            return "a model of llama.cpp, \(file); its original is needed"
        }
        return nil
    }

    private mutating func read(_ module: ModuleEntry, in directory: ModelDirectory) {
        let name = module.kind.map(\.rawValue) ?? module.type
        guard let place = check({ try directory.folder(of: module) }) else { return }
        if module.kind == .transformer || module.kind == .clipModel {
            rows.append(("\(module.index) \(name)", architecture(in: place)))
            rows.append(("  weights", weights(in: place)))
            rows.append(("  tokenizer", tokenizer(in: place)))
            return
        }
        let known = ModuleCatalog.modules.contains { $0.typeName == module.type || module.kind != nil && $0.kind == module.kind }
        if !known { problems.append("module \(module.index), \(name): this module is not supported") }
        let hasWeights = WeightFiles.name(in: place) != nil
        rows.append(("\(module.index) \(name)", (known ? "" : "not supported; ") + (hasWeights ? weights(in: place) : module.path)))
    }

    private mutating func architecture(in place: URL) -> String {
        let url = place.appendingPathComponent(EncoderConfiguration.fileName)
        guard let object = check({ try JSONFile.readObject(url) }) else { return "no \(EncoderConfiguration.fileName)" }
        guard case .string(let type)? = object["model_type"] else { return "of no model_type" }
        var parts = [type]
        if case .array(let classes)? = object["architectures"], case .string(let name)? = classes.first {
            parts.append(name + (name.hasSuffix("Model") ? "" : ", whose head is left out"))
        }
        if type == CLIPConfiguration.modelType {
            if let sizes = check({ try CLIPConfiguration.read(contentsOf: url) }) {
                let towers = [("texts", sizes.text), ("images", sizes.vision)]
                parts += towers.map { "\($0) by \($1.hiddenLayerCount) layers of width \($1.hiddenSize)" }
            }
        } else if EncoderArchitecture.all.contains(where: { $0.modelType == type }) {
            if let sizes = check({ try EncoderConfiguration.read(contentsOf: url) }) {
                parts.append("\(sizes.hiddenLayerCount) layers, width \(sizes.hiddenSize), vocabulary \(sizes.vocabularySize)")
            }
        } else {
            let known = EncoderArchitecture.all.map(\.modelType).joined(separator: ", ")
            problems.append("\(url.path): the architecture \"\(type)\" is not supported; supported are \(known)")
        }
        return parts.joined(separator: ", ")
    }

    private mutating func weights(in place: URL) -> String {
        guard let files = check({ try WeightFiles(folder: place) }) else { return WeightFiles.name(in: place) ?? "none" }
        let types = Set(files.entries.map(\.dtype.rawValue)).sorted().joined(separator: ", ")
        let bytes = files.entries.reduce(0.0) { $0 + Double($1.count * $1.dtype.byteCount) }
        let shards = files.files.count > 1 ? " of \(files.files.count) files" : ""
        return "\(files.url.lastPathComponent)\(shards): \(files.entries.count) tensors of \(types), "
            + NumberFormat.fixed(bytes / 1e6, places: 1) + " MB"
    }

    private mutating func tokenizer(in place: URL) -> String {
        guard let tokenizer = check({ try PretrainedTokenizer(directory: place) }) else { return "none that can be read" }
        let limit = tokenizer.modelMaximumLength.map { ", at most \($0) tokens" } ?? ""
        return "\(tokenizer.vocabularySize) ids\(limit)"
    }

    var description: String {
        var lines = ["\(folder.path): \(kind)"]
        let width = rows.map(\.part.count).max() ?? 0
        lines += rows.map { $0.part.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $0.found }
        lines += problems.map { "missing or wrong: \($0)" }
        return lines.joined(separator: "\n")
    }
}
