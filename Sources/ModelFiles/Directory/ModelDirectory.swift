import Foundation
import JSON

/// A model on disk: its folder and the modules that `modules.json` names.
///
/// ```swift
/// let directory = try ModelDirectory(contentsOf: url)
/// for module in directory.modules where module.kind == .pooling {
///     let pooling = try PoolingConfiguration.read(fromFolder: directory.folder(of: module))
/// }
/// ```
public struct ModelDirectory: Sendable {
    /// The list of modules.
    public static let modulesFileName = "modules.json"
    /// The configuration of the transformer, and of most modules.
    public static let configurationFileName = "config.json"

    /// The folder.
    public let url: URL
    /// In the order of the pipeline.
    public let modules: [ModuleEntry]
    /// False for a bare transformer, a folder with a `config.json` but no `modules.json`: `modules` then holds
    /// one Transformer in the folder itself, and it is usual to put a mean pooling behind it.
    public let hasModuleList: Bool

    /// - Parameters:
    ///   - url: The folder.
    ///   - allowingUnknownModules: Whether entries may have a type that is not known here.
    /// - Throws: ``ModelFileError`` with file, entry index and key.
    public init(contentsOf url: URL, allowingUnknownModules: Bool = false) throws {
        self.url = url
        let list = url.appendingPathComponent(Self.modulesFileName)
        let value: JSONValue
        do {
            value = try JSONFile.read(list)
        } catch let error as ModelFileError where error.kind == .missing {
            let config = url.appendingPathComponent(Self.configurationFileName)
            guard FileManager.default.fileExists(atPath: config.path) else {
                throw ModelFileError(
                    .missing, file: url.path,
                    problem: "this is no model directory: it has "
                        + "neither \(Self.modulesFileName) nor \(Self.configurationFileName)")
            }
            modules = [ModuleEntry(index: 0, kind: .transformer)]
            hasModuleList = false
            return
        }
        modules = try Self.modules(value, file: list.path, allowingUnknown: allowingUnknownModules)
        hasModuleList = true
        for module in modules { _ = try folder(of: module) }
    }

    private static func modules(
        _ value: JSONValue, file: String, allowingUnknown: Bool
    ) throws -> [ModuleEntry] {
        guard case .array(let values) = value, !values.isEmpty else {
            throw ModelFileError(
                .malformed, file: file,
                problem:
                    "a list of at least one module was expected, but the file holds "
                    + (value == [] ? "an empty list" : value.kindName))
        }
        var positions: [Int: Int] = [:]
        let entries = try values.enumerated().map { position, value in
            func error(
                _ problem: String, key: String? = nil, kind: ModelFileError.Kind = .malformed
            ) -> ModelFileError {
                let place = "entry \(position)" + (key.map { ", key \(quoted($0))" } ?? "")
                return ModelFileError(kind, file: file, place: place, problem: problem)
            }
            guard case .object(let object) = value else {
                throw error("an object was expected, but it is \(value.kindName)")
            }
            var fields = JSONFields(object, file: file, place: "entry \(position)")
            let entry = try ModuleEntry(from: &fields)
            if let other = positions.updateValue(position, forKey: entry.index) {
                throw error("\(entry.index) is also the idx of entry \(other)", key: "idx")
            }
            if entry.kind == nil, !allowingUnknown {
                let known = ModuleKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw error(
                    "the class \(quoted(entry.type)) is not known here; known are those of "
                        + "sentence_transformers named \(known)", key: "type", kind: .unsupported)
            }
            return entry
        }
        return entries.sorted { $0.index < $1.index }
    }

    /// What is wrong with the list of modules.
    package func error(_ kind: ModelFileError.Kind, at place: String? = nil, _ problem: String) -> ModelFileError {
        ModelFileError(kind, file: url.appendingPathComponent(Self.modulesFileName).path, place: place, problem: problem)
    }

    /// The folder of a module. It need not exist: a Normalize module has nothing to store.
    ///
    /// Files inside it may be links to elsewhere, as a download cache keeps them; the folder itself may not.
    ///
    /// - Throws: ``ModelFileError`` when the path, or a symbolic link on it, leads out of the model directory.
    public func folder(of module: ModuleEntry) throws -> URL {
        if let problem = Self.problem(ofPath: module.path, in: url) {
            throw error(.malformed, at: "module \(module.index), key \"path\"", "\(quoted(module.path)) \(problem)")
        }
        return module.path.isEmpty ? url : url.appendingPathComponent(module.path, isDirectory: true)
    }

    /// Why a path may not be followed from a folder; nil if it may.
    package static func problem(ofPath path: String, in root: URL) -> String? {
        if let problem = ModuleEntry.problem(ofPath: path) { return problem }
        // Link by link: resolving the whole path at once does nothing if its last folder does not exist.
        let root = root.resolvingSymlinksInPath().standardizedFileURL
        var folder = root
        for component in path.split(separator: "/") where component != "." {
            folder =
                folder.appendingPathComponent(String(component), isDirectory: true)
                .resolvingSymlinksInPath().standardizedFileURL
            guard folder.pathComponents.starts(with: root.pathComponents) else {
                return "leads by a symbolic link out of the model directory"
            }
        }
        return nil
    }

    /// Writes `modules.json` into a folder that exists.
    public static func writeModules(_ modules: [ModuleEntry], toFolder folder: URL) throws {
        let url = folder.appendingPathComponent(modulesFileName)
        let list = JSONValue.array(modules.map { .object($0.json) })
        try JSONFile.write(list, to: url, style: JSONStyle(indentation: 2, sortsKeys: false))
    }
}
