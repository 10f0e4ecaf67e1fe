import Foundation
import JSON

/// A Python process that passes what is logged on to a package of Python's: a line of JSON to it, a line of JSON from it.
///
/// The interpreter is `python3`, or what `TAPESTRY_PYTHON` names.
final class PythonBridge {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()

    /// Starts a program, which says `{"ready": true}` as soon as its package is there.
    ///
    /// - Returns: nil where there is no interpreter, or the package is not installed.
    init?(_ program: String) {
        signal(SIGPIPE, SIG_IGN)  // a bridge that has ended is told by the failed write
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let python = ProcessInfo.processInfo.environment["TAPESTRY_PYTHON"] ?? "python3"
        process.arguments = [python, "-u", "-c", program]
        (process.standardInput, process.standardOutput) = (input, output)
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        guard read()?["ready"] == .bool(true) else {
            end()
            return nil
        }
    }

    /// Sends an object; nothing happens where the process has ended.
    func send(_ object: JSONObject) {
        try? input.fileHandleForWriting.write(contentsOf: Data((JSONValue.object(object).serialized(.compact) + "\n").utf8))
    }

    /// Waits for the next object; nil where the process ends without one.
    func read() -> JSONObject? {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(received[..<end])
                received = Data(received[(end + 1)...])
                if case .object(let object)? = try? JSONValue.parse(line) { return object }
                continue  // a package that prints
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            received += more
        }
    }

    /// Ends the process, which may finish what it has begun.
    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
