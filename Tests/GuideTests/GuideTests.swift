import Foundation
import Testing
@testable import Notebooks

/// The README, the guide and the notebooks: all of their code runs, and prints what they say.
@Suite struct GuideTests {
    @Test(arguments: try Pages.all) func page(_ name: String) throws {
        let page = try PageFiles.page(name, of: Pages.root)
        for problem in page.problems(of: try Pages.runner.get().outputs(of: page)) {
            Issue.record(problem)
        }
    }

    @Test(arguments: try Pages.all + ["docs/README.md", "Notebooks-md/README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
    func linksLeadSomewhere(_ name: String) throws {
        let url = Pages.root.appendingPathComponent(name)
        for link in try String(contentsOf: url, encoding: .utf8).matches(of: /\]\(([^)#:]*)(?:#([^)]*))?\)/) {
            let target = link.output.1.isEmpty ? url : url.deletingLastPathComponent().appendingPathComponent(String(link.output.1))
            #expect(FileManager.default.fileExists(atPath: target.path), "\(name) links to \(link.output.1)")
            guard let anchor = link.output.2, target.pathExtension == "md" else { continue }
            let headings = try String(contentsOf: target, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("#") }.map(
                Self.anchor)
            #expect(headings.contains(String(anchor)), "\(name) links to \(link.output.1)#\(anchor)")
        }
    }

    /// What a heading is linked by.
    private static func anchor(_ heading: Substring) -> String {
        heading.drop { $0 == "#" || $0 == " " }.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == " " || $0 == "_" }
            .replacing(" ", with: "-")
    }
}
