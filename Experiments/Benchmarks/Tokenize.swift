import ArgumentParser
import Foundation
import Tapestry

/// One thread, by its processor time, so that others on the machine do not count.
struct Tokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tokenizes all sentences of STS benchmark: texts/s of one thread's processor time, best of five.")

    @Argument(help: "Folders with tokenizers.") var models = ["models/minilm"]
    @Option(help: "Folder with stsb-en-{train,dev,test}.csv.") var data = "stsb"
    @OptionGroup var original: Original

    func run() throws {
        let folder = URL(fileURLWithPath: data)
        let texts = try ["train", "dev", "test"].flatMap { split in
            try Dataset(contentsOf: folder.appendingPathComponent("stsb-en-\(split).csv")).columns.flatMap(\.texts)
        }
        for model in models {
            let tokenizer = try PretrainedTokenizer(directory: URL(fileURLWithPath: model))
            try original.compare(
                "tokenizing \(texts.count) texts, \(model)", ["texts/s"], larger: [true], script: "tokenizer_time.py",
                arguments: [model, data], units: ["texts/s"]
            ) {
                let times = (0..<5).map { _ in
                    let start = clock()
                    for text in texts { _ = tokenizer.encode(text) }
                    return Double(clock() - start) / Double(CLOCKS_PER_SEC)
                }
                return [Double(texts.count) / times.min()!]
            }
        }
    }
}
