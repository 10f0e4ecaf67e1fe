import Foundation

/// Pieces of SVG that all drawings share.
enum SVG {
    /// A coordinate or a round figure: two places at most, so that files stay small, and no trailing zeros.
    static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        guard hundredths % 100 != 0 else { return "\(hundredths / 100)" }
        return String(format: hundredths % 10 == 0 ? "%.1f" : "%.2f", Double(hundredths) / 100)
    }

    static func text(_ content: String, x: Double, y: Double, anchor: String? = nil, style: String? = nil) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\"" + (anchor.map { " text-anchor=\"\($0)\"" } ?? "")
            + (style.map { " class=\"\($0)\"" } ?? "") + ">\(HTML.escaped(content))</text>"
    }

    /// A whole drawing.
    ///
    /// - Parameters:
    ///   - label: The drawing in a sentence, for those who cannot see it.
    ///   - isStandalone: A file of its own, with a title and with the charts' colors, which follow the reader's light or
    ///     dark setting; else a part of a page, which has them.
    static func drawing(
        width: Double, height: Double, title: String, label: String, rules: String = "", isStandalone: Bool = true,
        _ parts: [String]
    ) -> String {
        let size = isStandalone ? "width=\"\(number(width))\" height=\"\(number(height))\" " : ""
        let head =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 \(number(width)) \(number(height))\" "
            + "\(size)role=\"img\" aria-label=\"\(HTML.escaped("\(title): \(label)"))\">"
        let own = [
            "<style>\(LineChart.standaloneStyleSheet)\(rules)</style>",
            text(title.onOneLine.cut(toWidth: 60), x: 4, y: 18, style: "title"),
        ]
        return ([head] + (isStandalone ? own : []) + parts + ["</svg>"]).joined(separator: "\n")
    }
}
