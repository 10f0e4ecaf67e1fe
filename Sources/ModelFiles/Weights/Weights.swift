import Autodiff
import Foundation
import Layers

/// Moves the parameters of a module to and from files.
public enum Weights {
    /// Gives every parameter its tensor of a file, which must have been opened for this alone.
    @discardableResult
    public static func load(
        _ parameters: [NamedParameter], from file: any TensorFile, prefixes: [String] = [],
        required: (NamedParameter) -> Bool = { _ in true }
    ) throws -> [String] {
        try load(parameters, from: WeightFiles(file), prefixes: prefixes, required: required)
    }

    /// Gives every parameter its tensor of files, which must have been opened for this alone. Names may have a prefix
    /// such as `bert.`, norms may be called `gamma` and `beta`, and the words' embeddings may be there as the matrix of a
    /// head that shares it.
    ///
    /// The parameters get the type of the files: float64 if all tensors for them are, else float32.
    ///
    /// - Parameters:
    ///   - parameters: What is filled, by the names that files have.
    ///   - files: One file, or the shards of a model.
    ///   - prefixes: Beginnings of names that are tried after none.
    ///   - required: Whether a parameter has to be there.
    /// - Returns: Names of the tensors that belong to no parameter.
    /// - Throws: ``ModelFileError`` that lists every tensor which is missing or of the wrong shape, or names one whose
    ///   type no weight has. No parameter has changed then.
    @discardableResult
    public static func load(
        _ parameters: [NamedParameter], from files: WeightFiles, prefixes: [String] = [],
        required: (NamedParameter) -> Bool = { _ in true }
    ) throws -> [String] {
        let prefix =
            ([""] + prefixes).first { prefix in
                parameters.contains { name(of: $0.name, prefix, in: files) != nil }
            } ?? ""
        var problems: [String] = []
        var values: [(Parameter, Tensor)] = []
        var used = Set<String>()
        for named in parameters {
            guard let name = name(of: named.name, prefix, in: files) ?? tiedName(of: named.name, prefix, in: files),
                let file = files.file(holding: name),
                let entry = files[name]
            else {
                if required(named) { problems.append("\(prefix)\(named.name) \(named.parameter.shape) is missing") }
                continue
            }
            used.insert(name)
            guard entry.shape == named.parameter.shape else {
                problems.append("\(name) has shape \(entry.shape), but \(named.parameter.shape) is needed")
                continue
            }
            let value = try file.tensor(name, isExclusive: true)
            guard value.dtype.isFloatingPoint else { throw file.unusableType(entry) }
            values.append((named.parameter, value))
        }
        guard problems.isEmpty else {
            let shown = problems.prefix(8).joined(separator: "; ")
            let rest = problems.count > 8 ? "; and \(problems.count - 8) more" : ""
            throw ModelFileError(
                .malformed, file: files.url.path,
                problem: "\(problems.count) of \(parameters.count) tensors do not fit the model: \(shown)\(rest)")
        }
        let dtype: DType = values.allSatisfy { $1.dtype == .float64 } ? .float64 : .float32
        for (parameter, value) in values { parameter.value = value.cast(to: dtype) }
        return files.names.filter { !used.contains($0) }
    }

    /// Writes tensors, usually `module.namedTensors`, to a file that appears complete or not at all.
    public static func save(_ tensors: [(name: String, tensor: Tensor)], to url: URL) throws {
        try SafetensorsWriter.write(tensors.map { SafetensorsTensor(name: $0.name, tensor: $0.tensor) }, to: url)
    }

    private static func name(of name: String, _ prefix: String, in files: WeightFiles) -> String? {
        var spellings = [prefix + name]
        if name.hasSuffix("LayerNorm.weight") { spellings.append(prefix + name.dropLast(6) + "gamma") }
        if name.hasSuffix("LayerNorm.bias") { spellings.append(prefix + name.dropLast(4) + "beta") }
        return spellings.first { files[$0] != nil }
    }

    private static let embeddings = ["word_embeddings.weight", "embed_tokens.weight", "tok_embeddings.weight", "shared.weight"]
    /// What shares the matrix of the words' embeddings, in whole models of the field; files may hold it under one name alone.
    private static let sharingEmbeddings = [
        "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight", "lm_head.decoder.weight",
        "cls.predictions.decoder.weight", "predictions.decoder.weight", "generator_lm_head.weight", "vocab_projector.weight",
        "decoder.weight",
    ]

    private static func tiedName(of name: String, _ prefix: String, in files: WeightFiles) -> String? {
        guard embeddings.contains(where: { name == $0 || name.hasSuffix("." + $0) }) else { return nil }
        return sharingEmbeddings.flatMap { [prefix + $0, $0] }.first { files[$0] != nil }
    }
}
