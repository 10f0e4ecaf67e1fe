extension String {
    /// Columns that the text takes on a terminal: CJK and emoji count two, combining marks none.
    var displayWidth: Int {
        reduce(0) { $0 + $1.displayWidth }
    }

    /// The text without line breaks, tabs and escape codes, which would tear a line or a table.
    var onOneLine: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// The longest beginning that fits into `width` columns, ending in "…" when something was cut.
    func cut(toWidth width: Int) -> String {
        guard displayWidth > width else { return self }
        guard width > 0 else { return "" }
        var result = ""
        var used = 0
        for character in self {
            guard used + character.displayWidth <= width - 1 else { break }
            result.append(character)
            used += character.displayWidth
        }
        return result + "…"
    }

    /// The text with spaces on one side, up to `width` columns.
    func padded(toWidth width: Int, onTheLeft: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - displayWidth))
        return onTheLeft ? spaces + self : self + spaces
    }
}

extension Character {
    /// Columns of one user-perceived character: 0, 1 or 2.
    var displayWidth: Int {
        var width = 0
        for scalar in unicodeScalars {
            // U+FE0F asks for the emoji form of the character before it, which is wide.
            width = scalar.value == 0xFE0F && width > 0 ? 2 : max(width, scalar.displayWidth)
        }
        return width
    }
}

extension Unicode.Scalar {
    /// Columns by the ranges that Unicode's East Asian Width (UAX #11) calls wide, coarsely.
    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if value < 0x1100 { return 1 }
        if properties.isEmojiPresentation { return 2 }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default:
            return 1
        }
    }
}
