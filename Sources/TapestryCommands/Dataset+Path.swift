import Foundation
import Tapestry

extension Dataset {
    /// Reads a file, or those that a pattern names, and says on standard error what was taken for granted.
    ///
    /// - Parameters:
    ///   - path: In any format that a table is read from; a slice may stand behind, as in `train.csv[:1000]`.
    ///   - inputs: nil: all columns but the label.
    ///   - labelColumn: nil: the first of the label's usual names that is no input.
    init(path: String, inputs: [String]? = nil, labelColumn: String? = nil) throws {
        if path.hasSuffix("]"), let bracket = path.lastIndex(of: "["), !FileManager.default.fileExists(atPath: path) {
            self = try Dataset(path: String(path[..<bracket]), inputs: inputs, labelColumn: labelColumn).slice(String(path[bracket...]))
            return
        }
        let table = try Table(contentsOf: URL(fileURLWithPath: path))
        let label =
            labelColumn
            ?? Dataset.labelNames.first { name in
                table.columns.contains { $0.name == name } && !(inputs?.contains(name) ?? false)
            }
        try self.init(table, inputs: inputs, label: label)
        if quoting == Quoting.none {
            Console.writeToStandardError("\(path): quotation marks are characters of the texts, since some enclose no field\n")
        }
    }
}
