import Foundation
@testable import Tables

/// Files under Tests/Fixtures, and files that a test makes.
enum Fixtures {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")

    static func decode<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: path)))
    }

    static func names(in subfolder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: subfolder).path).sorted()
    }

    /// Calls `body` with a new folder that is removed afterwards.
    ///
    /// - Parameter inMemory: For many small files, where the system has such a place.
    static func withTemporaryFolder<T>(inMemory: Bool = false, _ body: (URL) throws -> T) throws -> T {
        let memory = URL(filePath: "/dev/shm")
        let parent = inMemory && FileManager.default.fileExists(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
        let folder = parent.appending(path: "datasets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}

func csv(_ text: String, delimiter: Character = ",", inputs: [String]? = nil, labelColumn: String? = nil) throws -> Dataset {
    try Dataset(csvBytes: Array(text.utf8), source: "data.csv", delimiter: delimiter, inputs: inputs, labelColumn: labelColumn)
}

func jsonLines(_ text: String, inputs: [String]? = nil, labelColumn: String? = nil) throws -> Dataset {
    try Dataset(jsonLinesBytes: Array(text.utf8), source: "data.jsonl", inputs: inputs, labelColumn: labelColumn)
}

/// The message of the `DatasetError` that `body` throws; another error, or none, gives a text that matches no
/// test.
func message<T>(_ body: () throws -> T) -> String {
    do {
        _ = try body()
        return "(nothing was thrown)"
    } catch let error as DatasetError {
        return error.description
    } catch {
        return "(\(type(of: error)) was thrown)"
    }
}
