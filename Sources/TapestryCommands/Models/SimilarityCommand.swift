import ArgumentParser
import Tapestry

struct SimilarityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "similarity",
        abstract: "Ranks sentences by how alike they are to a query.",
        discussion: """
            Example:
              tapestry similarity --model models/minilm "A man plays the guitar." "Someone makes music." "It rains."
            """)

    @Option(help: "Model directory.") var model: String
    @Argument(help: "What to compare with.") var query: String
    @Argument(help: "Sentences to rank.") var sentences: [String]

    func run() throws {
        print(Ranking(try SentenceTransformer(model), query: query, sentences: sentences).table)
    }
}
