import ArgumentParser
import Foundation
import Tapestry

struct DownloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download",
        abstract: "Fetches a model or a dataset of the hub into the cache, and prints its folder.",
        discussion: """
            Of a model, what it needs is fetched: configurations, tokenizer, safetensors. --allow fetches other files. The token \
            of private repositories comes from HF_TOKEN, or from the file that `hf auth login` writes.

            Examples:
              \(program) download all-MiniLM-L6-v2
              \(program) download owner/model --revision v1.0 --allow "onnx/*" --allow "*.json"
              \(program) download sentence-transformers/all-nli --dataset --allow "pair/*"
            """)

    @Argument(help: "Name of the repository: owner/name, or a model's name alone.") var name: String
    @Flag(help: "The repository is a dataset.") var dataset = false
    @Option(help: "Branch, tag or commit.") var revision = "main"
    @Option(help: ArgumentHelp("Only files that match this, or another --allow.", valueName: "pattern")) var allow: [String] = []
    @Option(help: "Folder of the cache, in place of HF_HUB_CACHE.") var cacheFolder: String?

    func run() throws {
        let client = try HubClient.showingProgress(HubSettings.forModels(cacheFolder: cacheFolder))
        if dataset {
            print(try client.snapshotDownload(Repository(name, kind: .dataset), revision: revision, allowPatterns: patterns).path)
        } else if let patterns {
            print(try client.snapshotDownload(Repository(modelNamed: name), revision: revision, allowPatterns: patterns).path)
        } else {
            print(try client.modelDownload(Repository(modelNamed: name), revision: revision).folder.path)
        }
    }

    private var patterns: [String]? { allow.isEmpty ? nil : allow }
}
