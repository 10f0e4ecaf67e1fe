/// Text that is safe inside HTML and SVG, and well-formed as XML too.
enum HTML {
    /// `text` with `& < > " '` as entities; characters that XML forbids become U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// An escaped name that may be broken over lines where its words end: `sts-dev_spearman`, `learningRate`.
    static func breakableName(_ name: String) -> String {
        var result = ""
        var previous: Character?
        for character in name {
            if let previous, "_-./@".contains(previous) || (previous.isLowercase && character.isUppercase) {
                result += "<wbr/>"
            }
            result += escaped(String(character))
            previous = character
        }
        return result
    }
}
