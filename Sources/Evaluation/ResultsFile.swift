import Foundation

/// The CSV file of an evaluator: a header once, then a row for each call, as the Python library writes it.
struct ResultsFile {
    let name: String
    let columns: [String]

    /// - Throws: The system's error when the folder or file cannot be written.
    func append(_ values: [Double], epoch: Double, steps: Int, in folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appendingPathComponent(name)
        var text = ""
        if !FileManager.default.fileExists(atPath: url.path) {
            text += (["epoch", "steps"] + columns).joined(separator: ",") + "\r\n"
            try Data().write(to: url)
        }
        let numbers = [epoch == epoch.rounded() ? "\(Int(epoch))" : "\(epoch)", "\(steps)"] + values.map { "\($0)" }
        text += numbers.joined(separator: ",") + "\r\n"
        let handle = try FileHandle(forWritingTo: url)
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }
}
