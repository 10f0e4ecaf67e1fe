import ArgumentParser
import Foundation
import Tapestry

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Embeds all sentences of STS benchmark: sentences/s, best of two; and the time to a first embedding.")

    @Option(help: "Model directory.") var model = "models/minilm"
    @Option(help: "Folder with stsb-en-{train,dev,test}.csv.") var data = "stsb"
    @Option(help: "Sentences that are computed together.") var batch = 32
    @OptionGroup var original: Original

    func run() throws {
        let folder = URL(fileURLWithPath: data)
        let sentences = try ["train", "dev", "test"].flatMap { split in
            try Dataset(contentsOf: folder.appendingPathComponent("stsb-en-\(split).csv")).columns.flatMap(\.texts)
        }
        let encoder = try SentenceTransformer(model)
        try original.compare(
            "encoding \(sentences.count) sentences", ["sentences/s"], larger: [true], script: "peer_encode.py",
            arguments: [model, data, "torch", "\(batch)"], units: ["sentences/s"]
        ) { [Double(sentences.count) / best(of: 2) { _ = encoder.encode(sentences, batchSize: batch) }] }
        print("process start to first embedding: \(NumberFormat.fixed(try firstEmbedding() * 1e3, places: 0)) ms")
    }

    private func firstEmbedding() throws -> Double {
        try best(of: 5) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["first-embedding", "--model", model]
            try process.run()
            process.waitUntilExit()
        }
    }
}

/// Loads a model and embeds one sentence: what a process needs to be of use.
struct FirstEmbedding: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Loads a model and embeds one sentence.", shouldDisplay: false)

    @Option(help: "Model directory.") var model: String

    func run() throws {
        _ = try SentenceTransformer(model).encode(["warm"])
    }
}
