import Foundation
import JSON

/// Prints every log entry as a line of JSON, numbers to four digits.
public final class PrinterCallback: TrainerCallback {
    private let write: (String) -> Void

    /// - Parameter write: Takes a line; standard output when left out.
    public init(_ write: @escaping (String) -> Void = { print($0) }) { self.write = write }

    public func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)]) {
        let members = logs.filter { $0.key != "total_flos" }.map { ($0.key, JSONValue.finite(Double(String(format: "%.4g", $0.value)))) }
        write(JSONValue.object(JSONObject(members: members)).serialized(.compact))
    }
}
