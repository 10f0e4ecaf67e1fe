import Foundation

/// The name by which the running program was started: hints and examples name it, so that they can be typed as they stand.
let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "tapestry").lastPathComponent
