import ArgumentParser
import Foundation
@_exported import Tapestry

/// The `tapestry` command. A program of one's own that registers losses and then calls `main()` has all of its
/// subcommands, and knows these losses by name:
///
/// ```swift
/// import TapestryCommands
/// LossCatalog.register(MyLoss())
/// TapestryCommand.main()
/// ```
public struct TapestryCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: program,
        abstract: "Trains, evaluates and uses sentence embedding models.",
        discussion: """
            Try it without any files:
              \(program) quickstart

            Fine-tune a model of your own and use it:
              \(program) train --model models/minilm --train train.csv --loss CoSENTLoss --output models/mine
              \(program) evaluate --model models/mine --sts test.csv
              \(program) similarity --model models/mine "How do I bake bread?" "A recipe for a loaf." "It rains."

            Work with a model of the hub, which is fetched once:
              \(program) similarity --model all-MiniLM-L6-v2 "How do I bake bread?" "A recipe for a loaf." "It rains."

            Find a loss for your columns, and see what it does:
              \(program) losses --columns "anchor,positive,negative"
              \(program) losses MultipleNegativesRankingLoss

            See what a file of data holds, and what it can be trained with:
              \(program) data train.parquet

            Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (what was trained is saved).
            """,
        subcommands: [
            QuickstartCommand.self, TrainCommand.self, RerunCommand.self, ArgumentsCommand.self, EncodeCommand.self, EvaluateCommand.self,
            SimilarityCommand.self, InfoCommand.self, ConvertCommand.self, DataCommand.self, DownloadCommand.self, PushCommand.self,
            LossesCommand.self,
            LossCommand.self,
        ])

    public init() {}

    /// Runs the command that the program was started with, and ends the program.
    public static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code == .success {
                print(fullMessage(for: error))
                Foundation.exit(0)
            }
            let isUsage = code == .validationFailure || error is UsageError || (error as? HubError)?.kind == .invalidArgument
            let message = code == .validationFailure ? fullMessage(for: error) : "Error: \(error)"
            FileHandle.standardError.write(Data((message + "\n").utf8))
            Foundation.exit(isUsage ? 2 : 1)
        }
    }
}
