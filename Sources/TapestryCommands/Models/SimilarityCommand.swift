import ArgumentParser
import Tapestry

struct SimilarityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "similarity",
        abstract: "Ranks sentences by how alike they are to a query.",
        discussion: """
            Example:
              \(program) similarity "A man plays the guitar." "Someone makes music." "It rains."
            """)

    @OptionGroup var model: ModelOption
    @Argument(help: "What to compare with.") var query: String
    @Argument(help: "Sentences to rank.") var sentences: [String]

    func run() throws {
        print(Ranking(try model.open(), query: query, sentences: sentences).table)
    }
}
