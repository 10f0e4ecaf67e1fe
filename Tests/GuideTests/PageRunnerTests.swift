import Testing
@testable import Notebooks

/// What becomes of a page that is run.
@Suite struct PageRunnerTests {
    private func outputs(_ text: String) throws -> [String] {
        try Pages.runner.get().outputs(of: Page(name: "trial.md", text: text))
    }

    @Test func cellsShareAScopeAndKeepTheirOutputsApart() throws {
        let found = try outputs(
            """
            ```swift
            let x = Tensor([1, 2])
            print("first", terminator: "")
            ```
            ```swift norun
            import Foundation
            try String(contentsOfFile: "nowhere", encoding: .utf8).count
            ```
            ```swift
            #expect(x.shape == [2])
            print((x * x).values)
            print()
            ```
            """)
        #expect(found == ["first", "", "[1.0, 4.0]"])
    }

    @Test func aWrongOutputIsFound() throws {
        let page = try Page(name: "trial.md", text: "```swift\nprint(Tensor([2]).square().item)\n```\n```output\n5.0\n```")
        let problems = page.problems(of: try Pages.runner.get().outputs(of: page))
        #expect(
            problems.map(\.description) == [
                "trial.md:2: this cell's output is not what the page says\n  expected:\n    5.0\n  found:\n    4.0"
            ])
    }

    @Test func aCellThatDoesNotCompileNamesItsLine() throws {
        let problem = #expect(throws: PageProblem.self) {
            try outputs("```swift\nlet x = 1\n```\nText.\n```swift\nprint(x)\nlet y: String = x\n```")
        }
        #expect(problem?.line == 7)
        #expect(problem?.description.contains("trial.md:7:17: error: cannot convert value of type 'Int'") == true)
    }

    @Test func compiledOnlyDoesNotMeanUnchecked() {
        let problem = #expect(throws: PageProblem.self) { try outputs("```swift norun\nlet x: Int = \"text\"\n```") }
        #expect(problem?.line == 2)
    }

    @Test(arguments: [
        ("#expect(x == 2)", "trial.md:6: #expect does not hold"),
        ("print([Int]()[x])", "Index out of range"),
        ("throw Refusal()", "Refusal"),
    ])
    func aCellThatFailsIsNamed(_ line: String, _ message: String) throws {
        let problem = #expect(throws: PageProblem.self) {
            try outputs(
                """
                ```swift
                struct Refusal: Error {}; let x = 1
                ```
                ```swift
                print(x)
                \(line)
                ```
                ```swift
                print(x)
                ```
                """)
        }
        #expect(problem?.line == 5)
        #expect(problem?.description.contains(message) == true)
    }
}
