import Testing
@testable import Notebooks

/// How a page is read, and how outputs are written into it.
@Suite struct PageTests {
    private static let text = """
        # Title

        ```swift
        let x = 1
        print(x)
        ```

        ```output tolerance=1e-4
        1
        ```

        ```sh
        make
        ```

        ````markdown
        ```swift
        shown, not run
        ```
        ````

        ```swift norun
        import Foundation
        ```
        """

    @Test func cellsAreFoundWithTheirLinesAndOutputs() throws {
        let page = try Page(name: "page.md", text: Self.text)
        #expect(page.cells.map(\.line) == [4, 23])
        #expect(page.cells.map(\.code) == [["let x = 1", "print(x)"], ["import Foundation"]])
        #expect(page.cells.map(\.isRun) == [true, false])
        #expect(page.cells[0].output == .init(lines: 7..<10, text: "1", tolerance: 1e-4))
        #expect(page.cells[1].output == nil)
    }

    @Test(arguments: [
        ("text\n```swift\nlet x = 1", "page.md:2: the block that opens here is not closed"),
        ("```output\n1\n```", "page.md:1: this output follows no cell that is run"),
        ("```swift norun\n```\n```output\n1\n```", "page.md:3: this output follows no cell that is run"),
        ("```swift\n```\n```output\n```\n```output\n```", "page.md:5: this output follows no cell that is run"),
        ("```swift never\n```", "page.md:1: after \"swift\" only \"norun\" may stand"),
        ("```swift\n```\n```output tolerance\n```", "page.md:3: after \"output\" only \"tolerance=NUMBER\" may stand"),
        ("```swift\n```\n```output tolerance=small\n```", "page.md:3: after \"output\" only \"tolerance=NUMBER\" may stand"),
    ])
    func mistakesAreNamed(_ text: String, _ message: String) {
        let problem = #expect(throws: PageProblem.self) { try Page(name: "page.md", text: text) }
        #expect(problem?.description == message)
    }

    @Test func problemsNameCellExpectationAndFinding() throws {
        let page = try Page(name: "page.md", text: Self.text)
        #expect(page.problems(of: ["1.00005", ""]).isEmpty)
        #expect(
            page.problems(of: ["1.0002", "surprise"]).map(\.description) == [
                "page.md:4: this cell's output is not what the page says\n  expected:\n    1\n  found:\n    1.0002",
                "page.md:23: this cell's output is not what the page says\n  expected:\n    (nothing)\n  found:\n    surprise",
            ])
    }

    @Test func updatingReplacesAddsAndEmpties() throws {
        let (a, b, c) = ("```swift\na\n```\n", "```swift\nb\n```\n", "```swift\nc\n```\n")
        let page = try Page(name: "page.md", text: a + b + "```output\nold\n```\n" + c + "```output\nold\n```\n")
        #expect(
            page.updated(with: ["1\n2", "new", ""])
                == a + "\n```output\n1\n2\n```\n" + b + "```output\nnew\n```\n" + c + "```output\n```\n")
    }

    @Test func updatingLeavesWhatMatchesWithinItsTolerance() throws {
        let page = try Page(name: "page.md", text: Self.text)
        #expect(page.updated(with: ["1.00001", ""]) == Self.text)
    }
}
