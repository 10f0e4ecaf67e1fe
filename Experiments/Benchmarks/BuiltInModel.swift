import ArgumentParser
import ExperimentSupport
import Foundation
import Tapestry

struct BuiltInModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "built-in", abstract: "Opens the model that comes with the library: milliseconds, the first time and the best.")

    func run() throws {
        let first = seconds { _ = SentenceTransformer.builtIn() }
        let best = best { _ = SentenceTransformer.builtIn() }
        print(
            "opening the built-in model: \(NumberFormat.fixed(first * 1e3, places: 1)) ms, "
                + "then \(NumberFormat.fixed(best * 1e3, places: 1)) ms at best")
    }
}
