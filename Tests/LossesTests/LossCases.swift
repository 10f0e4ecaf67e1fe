import Autodiff
import Foundation
import Losses
import ModelFiles
import Testing

/// One case of `Fixtures/losses`: a loss with its settings, and the reference's figures in float64.
///
/// `<family>.json` lists the cases: `{"loss": name, "columns": count, "labels": name or null, "settings": {…}}`, the
/// settings being options by the reference's names. `<family>.safetensors` holds `columns/<n>`, `labels/<name>` and for
/// each case `<case>/value` and `<case>/grad<n>`.
struct LossCase: Sendable, CustomTestStringConvertible {
    let name: String
    let loss: any Loss
    let columns: [Tensor]
    let labels: Tensor?
    private let file: SafetensorsFile

    var testDescription: String { name }

    func reference(_ part: String) throws -> Tensor { try file.tensor("\(name)/\(part)") }

    static let all = ["losses"].flatMap { cases(of: $0) }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/losses")

    private static func cases(of family: String) -> [LossCase] {
        let file = try! SafetensorsFile(contentsOf: folder.appendingPathComponent("\(family).safetensors"))
        let listing = try! JSONFile.readObject(folder.appendingPathComponent("\(family).json"))
        return listing.members.sorted { $0.key < $1.key }.map { name, value in
            guard case .object(let entry) = value, case .string(let loss)? = entry["loss"],
                  case .integer(let columns)? = entry["columns"], case .object(let settings)? = entry["settings"] else {
                fatalError("\(family).json: \(name) is no case")
            }
            var labels: Tensor?
            if case .string(let name)? = entry["labels"] { labels = try! file.tensor("labels/\(name)").cast(to: .float64) }
            return LossCase(
                name: name, loss: try! LossCatalog.loss(named: loss, options: settings),
                columns: (0..<columns).map { try! file.tensor("columns/\($0)") }, labels: labels, file: file)
        }
    }
}
