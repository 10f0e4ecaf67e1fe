import ArgumentParser
import Foundation
import Tapestry

/// The model that a command works with.
struct ModelOption: ParsableArguments {
    @Option(name: .customLong("model"), help: "Model directory, or a name of the hub; the built-in model when left out.") var path: String?

    init() {}
    init(path: String?) { self.path = path }

    func open() throws -> SentenceTransformer {
        try SentenceTransformer(path ?? SentenceTransformer.builtInFolder.path, client: .showingProgress())
    }

    /// Where its files are, which need not be a model that can be opened.
    func folder() throws -> URL {
        try SentenceTransformer.folder(path ?? SentenceTransformer.builtInFolder.path, client: .showingProgress()).folder
    }
}
