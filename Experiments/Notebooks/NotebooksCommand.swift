import ArgumentParser
import Foundation
import Synchronization

/// Runs notebooks and compares what their cells print with what stands under them.
@main
struct NotebooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Notebooks", abstract: "Runs the notebooks in Notebooks-md, from the package's folder.")

    @Argument(help: "Markdown files; all notebooks when left out.") var files: [String] = []
    @Flag(help: "Writes the outputs that were found into the files.") var update = false

    func run() throws {
        let files = try self.files.isEmpty ? PageFiles.markdown(in: "Notebooks-md", of: Self.root) : self.files
        let runner = try PageRunner(root: Self.root)
        let failures = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: files.count) { index in
            do {
                print(try check(files[index], runner))
            } catch {
                failures.withLock { $0 += 1 }
                print("\(files[index])  FAILED\n\(error)")
            }
        }
        if failures.withLock({ $0 }) > 0 { throw ExitCode.failure }
    }

    private static var root: URL { URL(fileURLWithPath: FileManager.default.currentDirectoryPath) }

    /// - Returns: A line that says how it went.
    private func check(_ file: String, _ runner: PageRunner) throws -> String {
        let page = try PageFiles.page(file, of: Self.root)
        let outputs = try runner.outputs(of: page)
        let problems = page.problems(of: outputs)
        if update && !problems.isEmpty {
            try page.updated(with: outputs).write(toFile: file, atomically: true, encoding: .utf8)
            return "\(file)  \(page.cells.count) cells, outputs of \(problems.count) updated"
        }
        if !problems.isEmpty { throw PageProblems(problems) }
        return "\(file)  \(page.cells.count) cells"
    }
}

/// All that is wrong with one page.
private struct PageProblems: Error, CustomStringConvertible {
    let description: String

    init(_ problems: [PageProblem]) { description = problems.map(\.description).joined(separator: "\n") }
}
