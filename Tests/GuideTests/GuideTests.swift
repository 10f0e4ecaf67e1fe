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

    @Test(arguments: try Pages.all + ["docs/README.md", "Notebooks-md/README.md"])
    func linksLeadSomewhere(_ name: String) throws {
        let url = Pages.root.appendingPathComponent(name)
        for link in try String(contentsOf: url, encoding: .utf8).matches(of: /\]\(([^)#:]+)(?:#[^)]*)?\)/) {
            let target = url.deletingLastPathComponent().appendingPathComponent(String(link.output.1))
            #expect(FileManager.default.fileExists(atPath: target.path), "\(name) links to \(link.output.1)")
        }
    }
}
