import Foundation
import Tables

/// Files under Tests/Fixtures.
enum Fixtures {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")

    static func decode<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: path)))
    }

    static func names(in subfolder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: subfolder).path).sorted()
    }
}

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
