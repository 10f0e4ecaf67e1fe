import Foundation

/// Compiles and runs pages against the modules that were built beside this program.
struct PageRunner: Sendable {
    /// Where the modules were built.
    let build: URL
    private let root: URL
    /// The library's object files.
    private let objects: [String]

    /// - Parameter root: The package's folder.
    init(root: URL) throws {
        self.root = root
        build = (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
            .resolvingSymlinksInPath().deletingLastPathComponent()
        let list = try String(contentsOf: build.appendingPathComponent("Notebooks.product/Objects.LinkFileList"), encoding: .utf8)
        objects = list.split(separator: "\n").map(String.init).filter {
            !$0.contains("/Notebooks.build/") && !$0.contains("/ArgumentParser")
        }
    }

    /// Runs a page in an empty folder of its own.
    ///
    /// - Returns: What each cell printed.
    /// - Throws: ``PageProblem`` if the page does not compile, or does not run to its end.
    func outputs(of page: Page) throws -> [String] {
        guard !page.cells.isEmpty else { return [] }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("page-\(UUID().uuidString)")
        let work = folder.appendingPathComponent("work")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try page.program.write(to: folder.appendingPathComponent("main.swift"), atomically: true, encoding: .utf8)
        try objects.joined(separator: "\n").write(to: folder.appendingPathComponent("objects.txt"), atomically: true, encoding: .utf8)
        let compiled = try ToolRun(["swiftc"] + flags + Self.libraries + ["@objects.txt", "main.swift", "-o", "page"], in: folder)
        guard compiled.succeeded else {
            let text = compiled.errors + compiled.output
            let line = text.firstMatch(of: /\.md:([0-9]+):[0-9]+: error/).flatMap { Int($0.output.1) }
            throw PageProblem(page: page.name, line: line ?? 1, problem: "this cell does not compile\n" + text)
        }
        let run = try ToolRun([folder.appendingPathComponent("page").path], in: work)
        guard run.succeeded else {
            throw PageProblem(
                page: page.name, line: page.lastLine(of: run.output),
                problem: "this cell did not run to its end\n" + run.errors)
        }
        return page.outputs(of: run.output)
    }

    /// Those that `CCodecs` and `CImages` are linked with in Package.swift.
    private static let libraries = ["z", "zstd", "snappy", "lz4", "brotlidec", "sqlite3", "png", "jpeg"].map { "-l\($0)" }

    private var flags: [String] {
        ["-swift-version", "6", "-Onone", "-suppress-warnings", "-diagnostic-style", "llvm"] + searchPaths
    }

    /// What the compiler's tools need to find the library's modules.
    var searchPaths: [String] {
        [
            "-module-cache-path", build.appendingPathComponent("ModuleCache").path,
            "-I", build.appendingPathComponent("Modules").path,
            "-I", root.appendingPathComponent("Sources/COpenBLAS").path,
        ]
            + ["CKernels", "CCodecs", "CImages"].flatMap {
                ["-Xcc", "-fmodule-map-file=" + build.appendingPathComponent("\($0).build/module.modulemap").path]
            }
    }
}
