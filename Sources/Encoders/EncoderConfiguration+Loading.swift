import Autodiff
import Foundation
import ModelFiles

extension EncoderConfiguration {
    /// Whether the model was made to go on with a text: its last token then stands for all of it.
    package var isCausalLanguageModel: Bool {
        guard case .array(let classes)? = unknownKeys["architectures"], case .string(let name)? = classes.first else { return false }
        return name.hasSuffix("ForCausalLM") && unknownKeys["is_causal"] != .bool(false)
    }

    /// Reads an encoder from a folder with `config.json` and weights, in any of the forms of `WeightFiles`.
    ///
    /// - Returns: The encoder, and what else the file holds for it and has to be written back, such as a pooler.
    /// - Throws: `ModelFileError` with file and place.
    public func encoder(
        fromFolder folder: URL
    ) throws -> (encoder: any TokenEncoder, others: [(name: String, tensor: Tensor)]) {
        let file = try WeightFiles(folder: folder)
        try checkSize(file, folder.appendingPathComponent(Self.fileName).path)
        let encoder = encoder(key: nil), prefix = architecture.prefix
        guard encoder.maximumLength > 0 else {
            throw ModelFileError(
                .malformed, file: folder.appendingPathComponent(Self.fileName).path,
                place: spelling("max_position_embeddings"), problem: "no position is left for a token")
        }
        let unused = try Weights.load(encoder.namedParameters, from: file, prefixes: [prefix])
        return (
            encoder,
            try unused.filter { $0.contains("pooler.") }.map { name in
                (name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name, try file.tensor(name))
            }
        )
    }

    /// Refuses sizes for which the file cannot hold the weights, before memory is taken for them.
    ///
    /// - Parameters:
    ///   - weights: What the file holds.
    ///   - file: The configuration's path, for messages.
    ///   - more: Keys beside the usual ones, and the matrix that each asks for.
    func checkSize(_ weights: WeightFiles, _ file: String, more: [(key: String, count: Int, width: Int)] = []) throws {
        func error(_ key: String, _ problem: String) -> ModelFileError {
            ModelFileError(.malformed, file: file, place: spelling(key), problem: "\(weights.url.path) \(problem)")
        }
        guard hiddenLayerCount <= weights.entries.count else {
            throw error("num_hidden_layers", "has \(weights.entries.count) tensors: too few for \(hiddenLayerCount) layers")
        }
        let numbers = weights.entries.reduce(0.0) { $0 + Double($1.count) }
        let embeddingSize = self[.embeddingSize] ?? hiddenSize
        let rows =
            [
                ("hidden_size", hiddenSize, embeddingSize), ("vocab_size", vocabularySize, embeddingSize),
                ("max_position_embeddings", architecture.hasPositionTable ? maxPositionEmbeddings : 0, embeddingSize),
                ("type_vocab_size", typeVocabularySize, embeddingSize), ("intermediate_size", intermediateSize, hiddenSize),
            ] + more
        for (key, count, width) in rows where Double(count) * Double(width) > numbers {
            throw error(key, "is too small for a weight of shape [\(count), \(width)]")
        }
        let words = architecture.names("embeddings.words.weight")
        if let table = weights.entries.first(where: { [words, architecture.prefix + words].contains($0.name) }),
            let count = table.shape.first, count != vocabularySize
        {
            throw error("vocab_size", "has \(count) rows in \(table.name), not \(vocabularySize); their number must stand here")
        }
    }
}
