import ArgumentParser
import Tapestry

/// How fast are operations, matrix products, training and encoding, on their own and beside the original?
@main
struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures speed and memory; with --original, beside the Python library, in turn on this machine.",
        usage: """
            Benchmarks operations
            Benchmarks train --model models/minilm --data stsb --batch 64 --steps 30
            Benchmarks train --model models/minilm --data stsb --original python3 --scripts bench --rounds 3
            """,
        subcommands: [
            Operations.self, Products.self, Train.self, Encode.self, Tokenize.self, BuiltInModel.self, FirstEmbedding.self,
            NoDuplicates.self, All.self,
        ])
}

struct All: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Operations and matrix products, which need no files.")

    func run() throws {
        try Operations().run()
        try Products().run()
    }
}
