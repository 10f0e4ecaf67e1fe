import Digests
import Foundation
import JSON
import ModelFiles

/// What a checkpoint consists of: the last file that is written into it, by which it is known to be whole.
struct CheckpointManifest {
    static let fileName = "manifest.json"

    /// A file's size in bytes, and its SHA-256.
    private struct Entry: Equatable {
        let size: Int
        let hash: String

        init(_ url: URL) throws {
            size = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
            hash = try SHA256.hex(ofFile: url)
        }

        init(_ fields: inout JSONFields) throws {
            size = try fields.requiredInteger("size", in: 0 ... .max)
            hash = try fields.requiredString("sha256")
        }

        var json: JSONValue { ["size": .integer(size), "sha256": .string(hash)] }
    }

    /// Lists what a folder holds now.
    ///
    /// - Throws: `ModelFileError` when a file cannot be read, or the list not written.
    static func write(in folder: URL) throws {
        let files = try paths(in: folder).map { ($0, try Entry(folder.appendingPathComponent($0)).json) }
        let content: JSONValue = ["files": .object(JSONObject(members: files))]
        try JSONFile.write(content, to: folder.appendingPathComponent(fileName), style: JSONStyle(indentation: 2, sortsKeys: true))
    }

    /// What a checkpoint lacks, or what is wrong with it; nil where it is as it was written.
    static func problem(in folder: URL) -> String? {
        do {
            let url = folder.appendingPathComponent(fileName)
            guard FileManager.default.fileExists(atPath: url.path) else { return "\(fileName) is missing" }
            var fields = JSONFields(try JSONFile.readObject(url), file: url.path)
            for (path, value) in try fields.object("files")?.members ?? [] {
                guard case .object(let object) = value else { return "\(fileName) says nothing of \(path)" }
                var entry = JSONFields(object, file: url.path, place: path)
                let written = try Entry(&entry)
                let file = folder.appendingPathComponent(path)
                guard FileManager.default.fileExists(atPath: file.path) else { return "\(path) is missing" }
                let found = try Entry(file)
                if found.size != written.size { return "\(path) has \(found.size) bytes, but \(written.size) were written" }
                if found != written { return "\(path) is not what was written" }
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Regular files below a folder, in order.
    private static func paths(in folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted().filter { path in
            var isFolder: ObjCBool = false
            return path != fileName
                && FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path, isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }
}
