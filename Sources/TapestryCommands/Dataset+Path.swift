import Foundation
import Tapestry

extension Dataset {
    /// Reads a file, and says on standard error what was taken for granted.
    init(path: String, labelColumn: String? = nil) throws {
        try self.init(contentsOf: URL(fileURLWithPath: path), labelColumn: labelColumn)
        if quoting == Quoting.none {
            Console.writeToStandardError("\(path): quotation marks are characters of the texts, since some enclose no field\n")
        }
    }
}
