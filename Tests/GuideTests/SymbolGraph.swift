import Foundation
import JSON
@testable import Notebooks

/// The public declarations of a module, as the compiler has them in what was built beside this test.
struct SymbolGraph {
    struct Symbol {
        /// `Tensor.sum(alongAxis:keepingAxis:)`.
        let path: String
        /// `sum(alongAxis:keepingAxis:)`.
        let title: String
        /// `swift.method`.
        let kind: String
        /// Its declaration, in words.
        let declaration: String
        /// File and line; nil where the compiler made it.
        let place: String?
        /// Whether it has a comment, its own or that of the requirement which it fulfills.
        let isDocumented: Bool
    }

    let symbols: [Symbol]

    /// The modules that people import: all but those in C and the command's few lines.
    static var modules: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: Pages.root.appendingPathComponent("Sources").path)
                .filter { !["CCodecs", "CImages", "CKernels", "COpenBLAS", "tapestry-cli"].contains($0) }.sorted()
        }
    }

    /// Writes the graphs of a module, with its extensions of others, into a folder.
    static func write(_ module: String, to folder: URL) throws {
        let runner = try Pages.runner.get()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let target = "\(machine)-unknown-linux-gnu"
        let run = try ToolRun(
            [
                "swift", "symbolgraph-extract", "-module-name", module, "-target", target, "-minimum-access-level", "public",
                "-output-dir", folder.path,
            ] + runner.searchPaths, in: folder)
        guard run.succeeded else { throw PageProblem(page: module, line: 1, problem: run.errors) }
    }

    init(_ module: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("graph-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.write(module, to: folder)
        var symbols: [Symbol] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() where file.hasSuffix(".symbols.json") {
            let graph = try JSONValue.parse([UInt8](Data(contentsOf: folder.appendingPathComponent(file))))
            // What fulfills a requirement inherits its comment, from another module too.
            let inheriting = Set(
                graph["relationships"].elements.compactMap { relationship -> String? in
                    let isInherited = relationship["sourceOrigin"] != .null || relationship["kind"].text == "defaultImplementationOf"
                    return isInherited ? relationship["source"].text : nil
                })
            symbols += graph["symbols"].elements.map { symbol in
                let place = symbol["location"]["uri"].text.map { uri in
                    "\(uri.replacingOccurrences(of: "file://" + Pages.root.path + "/", with: "")):"
                        + "\((symbol["location"]["position"]["line"].integer ?? 0) + 1)"
                }
                return Symbol(
                    path: symbol["pathComponents"].elements.compactMap(\.text).joined(separator: "."),
                    title: symbol["names"]["title"].text ?? "", kind: symbol["kind"]["identifier"].text ?? "",
                    declaration: symbol["declarationFragments"].elements.compactMap { $0["spelling"].text }.joined(),
                    place: place,
                    isDocumented: symbol["docComment"] != .null
                        || inheriting.contains(symbol["identifier"]["precise"].text ?? ""))
            }
        }
        self.symbols = symbols
    }

    private static var machine: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }
}

extension JSONValue {
    fileprivate subscript(key: String) -> JSONValue {
        if case .object(let object) = self { object[key] ?? .null } else { .null }
    }

    fileprivate var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
    fileprivate var integer: Int? { if case .integer(let number) = self { number } else { nil } }
}
