import Foundation
import Testing
@testable import Notebooks

/// The reference of the public API: nothing is without a comment, and DocC has nothing to say against the comments.
@Suite struct ReferenceTests {
    @Test(arguments: try SymbolGraph.modules) func everyPublicDeclarationHasAComment(_ module: String) throws {
        let graph = try SymbolGraph(module)
        #expect(module == "Tapestry" || module == "TapestryCommands" || !graph.symbols.isEmpty)
        for symbol in graph.symbols where !symbol.isDocumented {
            if let place = symbol.place { Issue.record("\(place): \(symbol.path) has no documentation comment") }
        }
    }

    @Test(arguments: try SymbolGraph.modules) func docCBuildsItWithoutWarnings(_ module: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("docc-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let graphs = folder.appendingPathComponent("graphs")
        try SymbolGraph.write(module, to: graphs)
        let run = try ToolRun(
            [
                "docc", "convert", "--additional-symbol-graph-dir", graphs.path, "--fallback-display-name", module,
                "--fallback-bundle-identifier", "tapestry.\(module)", "--output-path", folder.appendingPathComponent("archive").path,
                "--warnings-as-errors",
            ], in: folder)
        #expect(run.succeeded, "\(run.errors)\(run.output)")
    }
}

/// docs/operations.md against the library.
@Suite struct OperationsPageTests {
    private static let page = Result {
        try String(contentsOf: Pages.root.appendingPathComponent("docs/operations.md"), encoding: .utf8)
    }

    /// Every public function and operator that is about tensors, and every property and initializer of `Tensor`.
    @Test func everyOperationIsOnThePage() throws {
        let page = try Self.page.get().replacing("\\|", with: "|")
        let elsewhere = ["Tape", "Gradient", "RowSparseTensor", "GradientCheckReport", "CachingAllocator", "Parallel"]
        let symbols = try SymbolGraph("Autodiff").symbols.filter { symbol in
            guard let place = symbol.place else { return false }
            if symbol.path.hasPrefix("Tensor.") { return !symbol.title.hasPrefix("applyAdamW") }
            let isFunction = symbol.kind == "swift.func" && symbol.declaration.contains("Tensor")
            return isFunction && !elsewhere.contains { place.contains("/\($0).swift") }
        }
        try #require(symbols.count > 140)
        for title in Set(symbols.map(\.title)).sorted() {
            #expect(page.contains("`\(title)`"), "docs/operations.md lacks \(title)")
        }
    }

    /// And nothing that the library lacks.
    @Test func thePageNamesNoOtherOperations() throws {
        let titles = Set(try SymbolGraph("Autodiff").symbols.map(\.title))
        let page = try Self.page.get().replacing("\\|", with: "|")
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            guard let cell = line.dropFirst(2).firstRange(of: " | ").map({ line[line.index(line.startIndex, offsetBy: 2)..<$0.lowerBound] })
            else { continue }
            for name in cell.matches(of: /`([^`]+)`/) {
                #expect(titles.contains(String(name.output.1)), "docs/operations.md names \(name.output.1)")
            }
        }
    }
}

/// The package that docs/own-parts.md begins with.
@Suite struct OwnPackageTests {
    @Test func itsManifestIsReadAndNamesOurProducts() throws {
        let page = try String(contentsOf: Pages.root.appendingPathComponent("docs/own-parts.md"), encoding: .utf8)
        let block = try #require(page.firstMatch(of: /```\n(\/\/ swift-tools-version[^`]+)```/)).output.1
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("package-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let sources = folder.appendingPathComponent("Sources/MyResearch")
        try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
        try "import Tapestry\n".write(to: sources.appendingPathComponent("main.swift"), atomically: true, encoding: .utf8)
        try String(block).write(to: folder.appendingPathComponent("Package.swift"), atomically: true, encoding: .utf8)
        let run = try ToolRun(["swift", "package", "dump-package"], in: folder)
        #expect(run.succeeded, "\(run.errors)")
        let ours = try String(contentsOf: Pages.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        for product in block.matches(of: /product\(name: "([^"]+)", package: "([^"]+)"/) {
            #expect(run.output.contains(product.output.1))
            #expect(ours.contains(".library(name: \"\(product.output.1)\""))
            #expect(ours.contains("name: \"\(product.output.2)\""))
        }
    }
}
