import Foundation

/// A Markdown page whose cells are one program, from top to bottom.
struct Page: Equatable {
    /// The path that messages name.
    let name: String
    let lines: [String]
    let cells: [Cell]

    /// - Throws: ``PageProblem`` for a fence that is not closed, an option that does not exist, or an output of no cell.
    init(name: String, text: String) throws {
        self.name = name
        lines = text.components(separatedBy: "\n")
        var cells: [Cell] = []
        var index = 0
        while index < lines.count {
            let start = index
            index += 1
            let fence = lines[start].prefix { $0 == "`" }
            guard fence.count >= 3 else { continue }
            func problem(_ text: String) -> PageProblem { PageProblem(page: name, line: start + 1, problem: text) }
            guard let end = lines[index...].firstIndex(where: { $0.hasPrefix(fence) && $0.allSatisfy { $0 == "`" } }) else {
                throw problem("the block that opens here is not closed")
            }
            index = end + 1
            let content = Array(lines[start + 1..<end])
            let words = lines[start].dropFirst(fence.count).split(separator: " ").map(String.init)
            switch words.first {
            case "swift":
                guard words.count == 1 || words == ["swift", "norun"] else {
                    throw problem("after \"swift\" only \"norun\" may stand")
                }
                cells.append(Cell(line: start + 2, code: content, isRun: words.count == 1))
            case "output":
                guard let cell = cells.last, cell.isRun, cell.output == nil else {
                    throw problem("this output follows no cell that is run")
                }
                let tolerance = try words.dropFirst().first.map { option in
                    let parts = option.split(separator: "=")
                    guard parts.count == 2, parts[0] == "tolerance", let value = Double(parts[1]), words.count == 2 else {
                        throw problem("after \"output\" only \"tolerance=NUMBER\" may stand")
                    }
                    return value
                }
                cells[cells.count - 1].output = Cell.Output(
                    lines: start..<index, text: content.joined(separator: "\n"), tolerance: tolerance)
            default: break
            }
        }
        self.cells = cells
    }

    /// Compares what the cells printed with what the page says.
    ///
    /// - Parameter outputs: One text a cell.
    func problems(of outputs: [String]) -> [PageProblem] {
        zip(cells, outputs).compactMap { cell, found in
            let expected = OutputText(cell.output?.text ?? "")
            guard !expected.matches(found, tolerance: cell.output?.tolerance) else { return nil }
            return PageProblem(
                page: name, line: cell.line,
                problem: """
                    this cell's output is not what the page says
                      expected:
                    \(Self.indented(expected.text))
                      found:
                    \(Self.indented(found))
                    """)
        }
    }

    private static func indented(_ text: String) -> String {
        guard !text.isEmpty else { return "    (nothing)" }
        return text.components(separatedBy: "\n").map { "    " + $0 }.joined(separator: "\n")
    }

    /// The page's text with the outputs that were found. Those that match, within their tolerance, stay as they are.
    func updated(with outputs: [String]) -> String {
        var lines = lines
        for (cell, found) in zip(cells, outputs).reversed() {
            guard !OutputText(cell.output?.text ?? "").matches(found, tolerance: cell.output?.tolerance) else { continue }
            let text = found.isEmpty ? [] : found.components(separatedBy: "\n")
            if let output = cell.output {
                lines.replaceSubrange(output.lines.lowerBound + 1..<output.lines.upperBound - 1, with: text)
            } else {
                lines.insert(contentsOf: ["", "```output"] + text + ["```"], at: cell.end)
            }
        }
        return lines.joined(separator: "\n")
    }
}
