import ArgumentParser
import Foundation
import Tapestry

struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Writes the embeddings of sentences as a matrix.",
        discussion: """
            One sentence a line, empty lines included; row i of the matrix belongs to line i. The output's extension says \
            the format: .npy (NumPy) or .safetensors (a tensor named "embeddings").

            Examples:
              tapestry encode --model models/minilm --input sentences.txt --output embeddings.npy
              tapestry encode --model models/minilm --input sentences.json --json --normalize --output embeddings.safetensors
            """)

    @OptionGroup var model: ModelOption
    @Option(help: "Text file, or - for standard input.") var input: String
    @Option(help: "File to write: .npy or .safetensors.") var output: String
    @Option(help: "Sentences that are computed together.") var batchSize = 32
    @Flag(help: "Divides each embedding by its length.") var normalize = false
    @Flag(help: "The input is a JSON array of strings.") var json = false

    func validate() throws {
        if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
        if !output.hasSuffix(".npy") && !output.hasSuffix(".safetensors") {
            throw ValidationError("--output \(output): the name must end in .npy or .safetensors")
        }
    }

    func run() throws {
        let sentences = try readSentences()
        let model = try model.open()
        let bar = ProgressBar("Encoding", total: sentences.count, unit: "sentences")
        let embeddings = model.encode(sentences, batchSize: batchSize, normalizesEmbeddings: normalize) { bar.update(completed: $0) }
        bar.finish()
        let url = URL(fileURLWithPath: output)
        if output.hasSuffix(".npy") {
            try NumpyFile.write(embeddings, to: url)
        } else {
            try SafetensorsWriter.write([SafetensorsTensor(name: "embeddings", tensor: embeddings)], to: url)
        }
        print("\(output): \(embeddings.shape[0]) embeddings of \(embeddings.shape[1]) numbers")
    }

    private func readSentences() throws -> [String] {
        let data: Data
        do {
            data = input == "-" ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(fileURLWithPath: input))
        } catch {
            throw DatasetError("cannot be read: \(error.localizedDescription)", source: input)
        }
        if json {
            guard case .array(let values) = try JSONValue.parse([UInt8](data)) else {
                throw DatasetError("a JSON array of strings was expected", source: input)
            }
            return try values.enumerated().map { index, value in
                guard case .string(let text) = value else {
                    throw DatasetError("element \(index) of the array is not a string", source: input)
                }
                return text
            }
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw DatasetError("is not UTF-8", source: input)
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
        }
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
