import Foundation

/// The CSV file of an evaluator: a header once, then a row for each call, as the Python library writes it.
struct ResultsFile {
    let name: String
    let columns: [String]
    /// Some of the original's evaluators end lines otherwise than others.
    var lineEnd = "\r\n"

    /// `<kind>_<evaluator>_results.csv`.
    init(_ kind: String, of evaluator: String, columns: [String], lineEnd: String = "\r\n") {
        self.init(name: "\(Self.stem(kind, of: evaluator))_results.csv", columns: columns, lineEnd: lineEnd)
    }

    /// What the names of an evaluator's files begin with.
    static func stem(_ kind: String, of evaluator: String) -> String { evaluator.isEmpty ? kind : "\(kind)_\(evaluator)" }

    init(name: String, columns: [String], lineEnd: String = "\r\n") {
        (self.name, self.columns, self.lineEnd) = (name, columns, lineEnd)
    }

    /// - Throws: The system's error when the folder or file cannot be written.
    func append(_ values: [Double], epoch: Double, steps: Int, in folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appendingPathComponent(name)
        var text = ""
        if !FileManager.default.fileExists(atPath: url.path) {
            text += (["epoch", "steps"] + columns).joined(separator: ",") + lineEnd
            try Data().write(to: url)
        }
        let numbers = [epoch == epoch.rounded() ? "\(Int(epoch))" : "\(epoch)", "\(steps)"] + values.map { "\($0)" }
        text += numbers.joined(separator: ",") + lineEnd
        let handle = try FileHandle(forWritingTo: url)
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }
}
