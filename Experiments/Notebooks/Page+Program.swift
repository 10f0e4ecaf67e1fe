extension Page {
    /// Stands before the number of a cell whose output begins.
    static let marker: Character = "\u{1E}"

    /// The cells as one program; compilers and traps speak of the page's lines.
    ///
    /// `#expect` becomes a function that ends the program: there is no test around a page.
    var program: String {
        var parts = [prelude]
        for (number, cell) in cells.enumerated() {
            let code = cell.code.map { line in
                !cell.isRun && Self.isImport(line) ? "" : line.replacing("#expect(", with: "expect( ")
            }
            parts +=
                [
                    cell.isRun ? "cellBegins(\(number))" : "func notRun\(number)() throws {",
                    "#sourceLocation(file: \"\(name)\", line: \(cell.line))",
                ]
                + code + ["#sourceLocation()", cell.isRun ? "" : "}"]
        }
        return parts.joined(separator: "\n") + "\n"
    }

    private var prelude: String {
        let imports = cells.filter { !$0.isRun }.flatMap(\.code).filter(Self.isImport)
        return (["import Foundation", "import Tapestry"] + imports).joined(separator: "\n") + """

            func cellBegins(_ number: Int) {
                print("\\u{1E}\\(number)")
                fflush(nil)
            }
            func expect(_ condition: Bool, file: StaticString = #filePath, line: Int = #line) {
                guard !condition else { return }
                FileHandle.standardError.write(Data("\\(file):\\(line): #expect does not hold\\n".utf8))
                fflush(nil)
                exit(1)
            }

            """
    }

    private static func isImport(_ line: String) -> Bool { line.hasPrefix("import ") }

    /// What each cell printed, without the newlines at its end.
    func outputs(of printed: String) -> [String] {
        var outputs = [String](repeating: "", count: cells.count)
        for section in printed.split(separator: Self.marker) {
            let lines = section.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            guard lines.count == 2, let number = Int(lines[0]), outputs.indices.contains(number) else { continue }
            outputs[number] = String(lines[1].trimmingSuffix { $0.isNewline })
        }
        return outputs
    }

    /// The line of the cell that began last.
    func lastLine(of printed: String) -> Int {
        let number = printed.split(separator: Self.marker).last?.prefix { $0.isNumber }
        return number.flatMap { Int($0) }.flatMap { cells.indices.contains($0) ? cells[$0].line : nil } ?? 1
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, condition(last) { rest.removeLast() }
        return rest
    }
}
