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

    /// A drawing as a file of its own, with the charts' colors, which follow the reader's light or dark setting.
    ///
    /// - Parameter label: The drawing in a sentence, for those who cannot see it.
    static func file(width: Double, height: Double, title: String, label: String, rules: String = "", _ parts: [String]) -> String {
        (["<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 \(number(width)) \(number(height))\" "
            + "width=\"\(number(width))\" height=\"\(number(height))\" role=\"img\" aria-label=\"\(HTML.escaped("\(title): \(label)"))\">",
          "<style>\(LineChart.standaloneStyleSheet)\(rules)</style>",
          text(title.onOneLine.cut(toWidth: 60), x: 4, y: 18, style: "title")] + parts + ["</svg>"]).joined(separator: "\n")
    }
}
