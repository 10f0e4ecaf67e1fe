import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles
import Requirements

/// Convolutions over the tokens of each sequence, side by side.
///
/// What would stand around a sequence counts as zeros. The original sees the padding of the batch there, so its last tokens change
/// with what else is in the batch.
public struct CNN: EmbeddingModule {
    /// One for each size.
    public let convs: [Convolution]
    private let inputWidth, channels: Int
    private let kernelSizes: [Int]

    public static var typeName: String { ModuleKind.cnn.typeName(.version6) }
    private static let fileName = "cnn_config.json"

    /// Random weights around zero.
    ///
    /// - Parameters:
    ///   - inputWidth: Width of the token embeddings.
    ///   - channels: Width of what each convolution gives.
    ///   - kernelSizes: How many tokens each sees at once: odd numbers.
    ///   - key: Draws the weights; nil: all zero, to be filled from a file.
    public init(inputWidth: Int, channels: Int = 256, kernelSizes: [Int] = [1, 3, 5], key: RandomKey?) {
        require(!kernelSizes.isEmpty, "CNN: there is no convolution")
        convs = kernelSizes.enumerated().map { i, size in
            Convolution(
                inputWidth: inputWidth, outputWidth: channels, kernelSize: size,
                standardDeviation: 1 / Double(3 * inputWidth * size).squareRoot(), key: key?.folded(with: UInt64(i)))
        }
        (self.inputWidth, self.channels, self.kernelSizes) = (inputWidth, channels, kernelSizes)
    }

    /// - Throws: `ModelFileError` for a configuration or weights that do not fit.
    public init(folder: URL) throws {
        let sizes = 1...Int(Int32.max)
        var fields = try JSONFields(configurationIn: folder, named: Self.fileName)
        let width = try fields.requiredInteger("in_embedding_dimension", formerly: "in_word_embedding_dimension", in: sizes)
        let channels = try fields.integer("out_channels", in: sizes) ?? 256
        let kernelSizes = try fields.integers("kernel_sizes") ?? [1, 3, 5]
        guard !kernelSizes.isEmpty, kernelSizes.allSatisfy({ $0 > 0 && $0 % 2 == 1 && $0 < 1000 }) else {
            throw fields.error("kernel_sizes", "\(kernelSizes) are not supported; supported are odd numbers", kind: .unsupported)
        }
        if let strides = try fields.integers("stride_sizes"), strides != kernelSizes.map({ _ in 1 }) {
            throw fields.error("stride_sizes", "\(strides) are not supported; supported is 1 for each of kernel_sizes", kind: .unsupported)
        }
        let weights = try WeightFiles(folder: folder)
        let numbers = weights.entries.reduce(0.0) { $0 + Double($1.count) }
        guard Double(width) * Double(channels) * Double(kernelSizes.reduce(0, +)) <= numbers else {
            throw fields.error("out_channels", "\(weights.url.path) is too small for so many")
        }
        self.init(inputWidth: width, channels: channels, kernelSizes: kernelSizes, key: nil)
        try Weights.load(namedParameters, from: weights)
    }

    public func tokenDimension(of inputDimension: Int?) -> Int? { channels * convs.count }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? { mismatch(needingTokenEmbeddingsOf: inputWidth, tokenWidth) }

    public var summary: String { "\(inputWidth) to \(convs.count) × \(channels), sizes \(kernelSizes)" }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        let tokens = features.requiredTokenEmbeddings
        features.tokenEmbeddings = .concatenating(convs.map { $0(tokens, offsets: features.batch.offsets) }, alongAxis: 1)
        return features
    }

    public func copied() -> CNN {
        CNN(inputWidth: inputWidth, channels: channels, kernelSizes: kernelSizes, key: nil).takingValues(of: self)
    }

    public func save(to folder: URL) throws {
        let sizes = kernelSizes.map { JSONValue.integer($0) }
        let object: JSONObject = [
            "in_embedding_dimension": .integer(inputWidth), "out_channels": .integer(channels), "kernel_sizes": .array(sizes),
            "stride_sizes": .array(sizes.map { _ in .integer(1) }),
        ]
        try object.writeConfiguration(in: folder, named: Self.fileName)
        try Weights.save(namedTensors, to: folder.appendingPathComponent(WeightFiles.fileName))
    }
}

extension JSONFields {
    /// An array of whole numbers; nil where the key is missing or null.
    mutating func integers(_ key: String) throws -> [Int]? {
        guard let value = take(key), value != .null else { return nil }
        guard case .array(let values) = value else {
            throw error(key, "a list of whole numbers was expected, but it is \(value.kindName)")
        }
        return try values.map { value in
            guard case .integer(let number) = value else {
                throw error(key, "a list of whole numbers was expected, but it holds \(value.kindName)")
            }
            return number
        }
    }
}
