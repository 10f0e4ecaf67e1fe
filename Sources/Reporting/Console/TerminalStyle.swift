/// A look that a terminal can give to a piece of text.
enum TerminalStyle: String, Sendable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case green = "32"
    case cyan = "36"

    /// `text` between the escape codes of this style; the text alone when colors are off.
    func applied(to text: String, usesColor: Bool) -> String {
        guard usesColor, self != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
    }
}
