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
              \(program) encode --model models/minilm --input sentences.txt --output embeddings.npy
              \(program) encode --model models/minilm --input sentences.json --json --normalize --output embeddings.safetensors
              \(program) encode --model models/clip --images --input files.txt --output images.npy
            """)

    @OptionGroup var model: ModelOption
    @Option(help: "Text file, or - for standard input.") var input: String
    @Option(help: "File to write: .npy or .safetensors.") var output: String
    @Option(help: "Sentences that are computed together.") var batchSize = 32
    @Flag(help: "Divides each embedding by its length.") var normalize = false
    @Flag(help: "The input is a JSON array of strings.") var json = false
    @Flag(help: "Each line is the path of a PNG or JPEG file, which is embedded; for a model of images.") var images = false

    func validate() throws {
        if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
        if !output.hasSuffix(".npy") && !output.hasSuffix(".safetensors") {
            throw ValidationError("--output \(output): the name must end in .npy or .safetensors")
        }
    }

    func run() throws {
        let url = URL(fileURLWithPath: output)
        let sentences = try readSentences()
        try AtomicFile.checkWritable(url)
        let model = try model.open()
        let bar = ProgressBar("Encoding", total: sentences.count, unit: images ? "images" : "sentences")
        let embeddings =
            images
            ? try self.images(sentences, model) { bar.update(completed: $0) }
            : model.encode(sentences, batchSize: batchSize, normalizesEmbeddings: normalize) { bar.update(completed: $0) }
        bar.finish()
        if output.hasSuffix(".npy") {
            try NumpyFile.write(embeddings, to: url)
        } else {
            try SafetensorsWriter.write([SafetensorsTensor(name: "embeddings", tensor: embeddings)], to: url)
        }
        print("\(output): \(embeddings.shape[0]) embeddings of \(embeddings.shape[1]) numbers")
    }

    /// The embeddings of files; no more than a batch of them is in memory.
    private func images(_ paths: [String], _ model: SentenceTransformer, progress: (Int) -> Void) throws -> Tensor {
        guard model.input is CLIPModel else { throw ValidationError("--images: a \(model.input.className) takes no images; CLIP does") }
        var batches = [model.encode(images: [Image]())]
        for start in stride(from: 0, to: paths.count, by: batchSize) {
            let files = try paths[start..<min(start + batchSize, paths.count)].map { try Image(contentsOf: URL(fileURLWithPath: $0)) }
            batches.append(model.encode(images: files, batchSize: batchSize, normalizesEmbeddings: normalize))
            progress(start + files.count)
        }
        return .concatenating(batches)
    }

    private func readSentences() throws -> [String] {
        let data: Data
        do {
            data = input == "-" ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(fileURLWithPath: input))
        } catch {
            throw DatasetError("cannot be read: \(error.systemReason)", source: input)
        }
        return json ? try strings(ofJSON: data) : try lines(of: data)
    }

    private func strings(ofJSON data: Data) throws -> [String] {
        let value: JSONValue
        do {
            value = try JSONValue.parse([UInt8](data))
        } catch {
            throw DatasetError("is no JSON: \(error)", source: input)
        }
        guard case .array(let values) = value else {
            throw DatasetError("a JSON array of strings was expected", source: input)
        }
        return try values.enumerated().map { index, value in
            guard case .string(let text) = value else {
                throw DatasetError("element \(index) of the array is not a string", source: input)
            }
            return text
        }
    }

    /// Lines end with LF or CR LF; the last needs no end.
    private func lines(of data: Data) throws -> [String] {
        var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return try lines.enumerated().map { index, line in
            guard let text = String(validating: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self) else {
                throw DatasetError("line \(index + 1) is not UTF-8", source: input)
            }
            return text
        }
    }
}
