import Foundation

extension TextTable {
    typealias RenderedColumn = (header: String, cells: [String], width: Int)

    /// One column, every text of it padded to the same width.
    func renderedColumn(_ index: Int, usesColor: Bool) -> RenderedColumn {
        let column = columns[index]
        let cells = rows.map { $0[index] }
        let isNumeric = TextTable.areNumbers(cells)
        let texts = isNumeric ? TextTable.alignedByPoint(cells) : cells
        let width = max(column.header.displayWidth, texts.map(\.displayWidth).max() ?? 0)

        let numbers = cells.map(TextTable.number)
        let best = column.best.flatMap { best in
            best == .highest ? numbers.compactMap(\.self).max() : numbers.compactMap(\.self).min()
        }
        let padded = zip(texts, numbers).map { text, number in
            let cell = text.padded(toWidth: width, onTheLeft: isNumeric)
            return number != nil && number == best
                ? TerminalStyle.bold.applied(to: cell, usesColor: usesColor) : cell
        }
        return (column.header.padded(toWidth: width, onTheLeft: isNumeric), padded, width)
    }

    /// A cell's number: `0.81`, `1,234`, `-3.5e-06`, `12%`; nil for other texts and for what is not finite.
    static func number(_ cell: String) -> Double? {
        var text = cell.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: ",", with: "")
        if text.hasSuffix("%") { text.removeLast() }
        guard let first = text.first, first.isNumber || "+-.".contains(first), let number = Double(text) else {
            return nil
        }
        return number.isFinite ? number : nil
    }

    /// Texts that stand for a number which is not there.
    private static let blanks: Set<String> = ["", "-", "–", "—", "n/a", "NaN", "∞", "-∞"]

    /// Whether every cell that says something is a number.
    private static func areNumbers(_ cells: [String]) -> Bool {
        cells.allSatisfy { blanks.contains($0) || number($0) != nil } && cells.contains { number($0) != nil }
    }

    /// Fills up each cell on the right, so that the points stand below each other when the cells end together.
    private static func alignedByPoint(_ cells: [String]) -> [String] {
        let fractions = cells.map { cell in
            number(cell) == nil ? 0 : cell.firstIndex(of: ".").map { String(cell[$0...]).displayWidth } ?? 0
        }
        let longest = fractions.max() ?? 0
        return zip(cells, fractions).map { cell, fraction in
            cell + String(repeating: " ", count: longest - fraction)
        }
    }
}
