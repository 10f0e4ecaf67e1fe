import Foundation

/// Where pages are read from.
enum PageFiles {
    /// Paths of the Markdown files in a folder of the package, sorted; a README is about the folder and no notebook.
    static func markdown(in folder: String, of root: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { $0.hasSuffix(".md") && $0 != "README.md" }.sorted().map { "\(folder)/\($0)" }
    }

    static func page(_ file: String, of root: URL) throws -> Page {
        try Page(name: file, text: String(contentsOf: root.appendingPathComponent(file), encoding: .utf8))
    }
}
