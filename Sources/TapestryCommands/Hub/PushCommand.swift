import ArgumentParser
import Foundation
import Tapestry

struct PushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Uploads a model to a repository of the hub, as one commit.",
        discussion: """
            The model is opened first, so that nothing is uploaded that does not open. Checkpoints and hidden files in its folder \
            stay here; files that the repository has already are not sent; a card that it has is kept. The token comes from \
            HF_TOKEN, or from the file that `hf auth login` writes, and needs the right to write.

            Examples:
              \(program) push me/my-model --model models/mine --private
              \(program) push me/my-model --model models/mine --exist-ok --message "More data" --replace-model-card
            """)

    @Argument(help: "Name of the repository: owner/name, or the name alone of one of your own.") var name: String
    @Option(help: "Model directory.") var model: String
    @Flag(name: .customLong("private"), help: "Makes a private repository.") var isPrivate = false
    @Flag(help: "The repository may exist.") var existOk = false
    @Option(help: "Message of the commit.") var message: String?
    @Option(help: "Branch, which is made if need be.") var revision: String?
    @Flag(help: "Opens a pull request.") var createPr = false
    @Flag(help: "Replaces the card that the repository has.") var replaceModelCard = false

    func run() throws {
        _ = try Repository(name)
        guard FileManager.default.fileExists(atPath: model) else {
            throw ModelFileError(.missing, file: model, problem: "there is no such folder")
        }
        let hasCard = FileManager.default.fileExists(atPath: URL(fileURLWithPath: model).appendingPathComponent("README.md").path)
        let url = try SentenceTransformer(model).pushToHub(
            name, isPrivate: isPrivate ? true : nil, commitMessage: message, localModelPath: hasCard ? model : nil,
            allowingExisting: existOk, replaceModelCard: replaceModelCard, revision: revision, createPR: createPr,
            client: .showingProgress())
        print(url)
    }
}
