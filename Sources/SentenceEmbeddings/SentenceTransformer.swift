import Autodiff
import Encoders
import Foundation
import Hub
import JSON
import Layers
import ModelFiles
import Requirements
import Tokenizers

/// A model that turns sentences into vectors: a transformer and a pooling, say, and what follows.
///
/// ```swift
/// let model = try SentenceTransformer("models/all-MiniLM-L6-v2")
/// let embeddings = model.encode(["A cat sits.", "A dog runs."])     // [2, 384]
/// print(model.similarity(embeddings, embeddings))
/// ```
public struct SentenceTransformer: Module {
    /// The first module, which reads the texts: a ``Transformer``, mostly.
    public private(set) var input: any InputModule { didSet { memory = nil } }
    /// What follows the first module.
    public private(set) var modules: [any EmbeddingModule] { didSet { memory = nil } }
    /// Texts that are put before others, by name; and the name of the one that is used when none is asked for.
    public var prompts: [String: String]
    /// The prompt that `encode` takes when none is asked for.
    public var defaultPromptName: String?
    /// How embeddings are compared.
    public var similarityFunction: SimilarityFunction
    /// Keeps only the first so many numbers of each embedding; nil: all.
    public var truncateDimension: Int?
    /// What the card of the model says beside what the model says itself.
    public var modelCardData = SentenceTransformerModelCardData()
    let configuration: SentenceTransformerConfiguration
    /// What this value and its copies have embedded; nil: they do not remember it.
    private(set) var memory: EmbeddingMemory?

    public var parts: [NamedPart] {
        allModules.enumerated().flatMap { $1.parts.named(under: "\($0)") }
    }

    /// The same model, with the same parameters, which embeds a text once as long as its weights stay as they are: for several
    /// evaluators of the same texts, say. It remembers up to 64 MB.
    public func rememberingEmbeddings() -> SentenceTransformer {
        var model = self
        model.memory = EmbeddingMemory()
        return model
    }

    /// A pipeline from its parts.
    ///
    /// - Precondition: One of them makes a sentence embedding, and their widths fit.
    public init(_ input: any InputModule, _ modules: [any EmbeddingModule] = [], similarityFunction: SimilarityFunction = .cosine) {
        if let (position, problem) = Self.mismatch([input] + modules) {
            refuse("SentenceTransformer: module \(position): \(problem)")
        }
        self.input = input
        self.modules = modules
        self.similarityFunction = similarityFunction
        configuration = SentenceTransformerConfiguration()
        prompts = configuration.prompts
    }

    /// Reads a model directory, as this library and Sentence Transformers write them, or a model of the hub.
    ///
    /// A folder that exists wins. Any other name is one of the hub: `owner/name`; without an owner it is
    /// `sentence-transformers/…`, but for a few old names such as `bert-base-uncased`. What the model needs is fetched into
    /// the field's cache, once.
    ///
    /// A folder without `modules.json` is taken for a plain transformer, and gets mean pooling; a causal language model gets
    /// the last token. Modules of one's own are those that `ModuleCatalog` knows.
    ///
    /// - Parameters:
    ///   - name: A path, or a name of the hub.
    ///   - revision: A branch, a tag or a commit of the hub.
    ///   - token: Goes before `HF_TOKEN`.
    ///   - cacheFolder: Goes before `SENTENCE_TRANSFORMERS_HOME` and `HF_HUB_CACHE`.
    ///   - localFilesOnly: Asks nobody: what is not in the cache is missing.
    /// - Throws: `ModelFileError` or `TokenizerError` with file and place, `HubError` for what cannot be fetched.
    public init(
        _ name: String, revision: String = "main", token: String? = nil, cacheFolder: String? = nil, localFilesOnly: Bool = false
    ) throws {
        try self.init(
            name, revision: revision, client: HubClient(.forModels(token: token, cacheFolder: cacheFolder, localFilesOnly: localFilesOnly)))
    }

    init(folder url: URL, among types: [any EmbeddingModule.Type]) throws {
        let directory = try ModelDirectory(contentsOf: url, allowingUnknownModules: true)
        var all = try directory.modules.map { try Self.module($0, in: directory, among: types) }
        if !directory.hasModuleList, let model = (all[0] as? Transformer)?.model {
            all.append(Pooling(width: model.width, modes: [model.configuration.isCausalLanguageModel ? .lastToken : .mean]))
        }
        guard let input = all[0] as? any InputModule else {
            let known = types.filter { $0 is any InputModule.Type }.map { $0.className }.joined(separator: ", ")
            throw directory.error(.unsupported, "the first module must be one that reads texts (\(known)), not \(all[0].className)")
        }
        if let (position, problem) = Self.mismatch(all) {
            let entries = directory.modules
            throw directory.error(.malformed, at: "module \(position < entries.count ? entries[position].index : position)", problem)
        }
        self.input = input
        modules = Array(all.dropFirst())
        configuration = try .readIfPresent(fromFolder: directory.url) ?? SentenceTransformerConfiguration()
        // Queries and documents have prompts of their own, empty ones if need be, so that they never get the default one.
        prompts = configuration.prompts.merging(SentenceTransformerConfiguration().prompts) { own, _ in own }
        defaultPromptName = configuration.defaultPromptName
        similarityFunction = configuration.similarityFunctionName.flatMap(SimilarityFunction.init) ?? .cosine
        truncateDimension = configuration.truncateDimension
    }

    /// What a model of the same modules as this one was written to; those of one's own need not be in `ModuleCatalog`.
    ///
    /// - Throws: `ModelFileError` or `TokenizerError` with file and place.
    package func opened(from folder: URL) throws -> SentenceTransformer {
        try SentenceTransformer(folder: folder, among: allModules.flatMap(\.moduleTypes) + ModuleCatalog.modules)
    }

    /// The first module that cannot work on what comes before it, and why.
    private static func mismatch(_ modules: [any EmbeddingModule]) -> (position: Int, problem: String)? {
        let (widths, mismatch) = modules.widths()
        if let mismatch { return mismatch }
        return widths.sentence == nil ? (modules.count - 1, "no module makes a sentence embedding; a Pooling is missing") : nil
    }

    private static func module(
        _ entry: ModuleEntry, in directory: ModelDirectory, among types: [any EmbeddingModule.Type]
    ) throws -> any EmbeddingModule {
        guard let module = try ModuleCatalog.open(entry.type, in: directory.folder(of: entry), among: types) else {
            throw directory.error(.unsupported, at: "module \(entry.index)", ModuleCatalog.unknown(entry.type, among: types))
        }
        return module
    }

    /// Width of the embeddings.
    public var embeddingDimension: Int {
        let full = allModules.widths().widths.sentence!  // checked when it was made
        return min(truncateDimension ?? full, full)
    }

    /// Longest input in tokens; longer ones are cut.
    public var maximumSequenceLength: Int {
        get { input.maximumSequenceLength }
        set { input.maximumSequenceLength = newValue }
    }

    /// All modules, that which reads the texts first.
    public var allModules: [any EmbeddingModule] { [input] + modules }
    /// The first module where it is a transformer; nil where it is another.
    public var transformer: Transformer? { input as? Transformer }
    /// Layers of the transformer; 0 where the model begins with something else.
    public var layerCount: Int { transformer?.model.layerCount ?? 0 }
    /// Whether it embeds images, too.
    public var takesImages: Bool { input is CLIPModel }
    /// What cuts texts into tokens where no task is named.
    public var tokenizer: any Tokenizer { input.tokenizer }

    /// The transformer, for what only models that begin with one can do.
    private func transformer(for operation: String) -> Transformer {
        transformer ?? { refuse("\(operation): the model begins with \(input.className), which has no layers") }()
    }

    /// Embeds a batch, with or without dropout, on a tape or not.
    ///
    /// - Returns: Features with a sentence embedding `[B, D]`.
    public func callAsFunction(_ batch: TokenBatch, in context: Context) -> Features {
        var features = Features(batch)
        features.keepsHiddenStates = modules.contains(where: \.needsHiddenStates)
        return features.passed(through: allModules, in: context)
    }

    /// What the modules after the transformer make of every layer's token embeddings: `[B, D]` each, those of the
    /// embedding layer first. All layers share one pass through the transformer, and its dropout. Traps where the model does not
    /// begin with a transformer.
    public func layerEmbeddings(_ batch: TokenBatch, in context: Context) -> [Tensor] {
        transformer(for: "layerEmbeddings").model.hiddenStates(batch, in: context).map { state in
            var features = Features(batch)
            features.tokenEmbeddings = state
            return features.passed(through: modules, in: context).requiredSentenceEmbedding
        }
    }

    /// The model cut to the first `count` layers of its transformer, which it goes on sharing with this one: a smaller
    /// model where training was with `AdaptiveLayer`, a student to be distilled otherwise.
    ///
    /// - Precondition: The transformer has so many layers; with 0 only its embeddings are left.
    public func truncated(toLayers count: Int) -> SentenceTransformer {
        var model = self
        model.input = transformer(for: "truncated(toLayers:)").truncated(toLayers: count)
        return model
    }

    /// This model, with the same parameters, as training may want its encoder; nil where it cannot be so.
    public func training(_ settings: EncoderTraining) -> SentenceTransformer? {
        guard let trained = input.training(settings) else { return nil }
        var model = self
        model.input = trained
        return model
    }

    /// A model with parameters of its own, which are equal to those of this one: the two train apart from here on.
    public func copied() -> SentenceTransformer {
        var copy = self
        copy.input = input.copied()
        copy.modules = modules.map { $0.copied() }
        let own = Set(parameters.map { ObjectIdentifier($0) })
        for module in copy.modules where module.parameters.contains(where: { own.contains(ObjectIdentifier($0)) }) {
            refuse("\(module.className).copied(): the copy has a parameter of the original; a copy needs parameters of its own")
        }
        return copy
    }

    /// How alike every embedding of `a` is to every one of `b`, by the model's similarity function: `[M, N]`.
    public func similarity(_ a: Tensor, _ b: Tensor) -> Tensor { similarityFunction.matrix(a, b) }

    /// How alike embeddings of equal number are: `[B]`.
    public func pairwiseSimilarity(_ a: Tensor, _ b: Tensor) -> Tensor { similarityFunction.pairwise(a, b) }

    /// Writes the model as a directory that this library and Sentence Transformers open. It appears complete or not
    /// at all.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - allowingExisting: Replaces a folder that exists.
    /// - Throws: `ModelFileError` when the folder exists or cannot be written.
    public func save(to path: String, allowingExisting: Bool = false) throws {
        try AtomicDirectory.replaceDirectory(
            at: URL(fileURLWithPath: path, isDirectory: true), allowingExisting: allowingExisting, write)
    }

    /// Writes the model's files into a folder that exists.
    ///
    /// - Throws: `ModelFileError` when one cannot be written.
    public func write(to folder: URL) throws {
        let entries = allModules.enumerated().map { ModuleEntry(index: $0, type: type(of: $1).typeName) }
        for (entry, module) in zip(entries, allModules) {
            let target = entry.path.isEmpty ? folder : folder.appendingPathComponent(entry.path, isDirectory: true)
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            try module.save(to: target)
        }
        try ModelDirectory.writeModules(entries, toFolder: folder)
        var configuration = configuration
        configuration.prompts = prompts
        configuration.defaultPromptName = defaultPromptName
        configuration.similarityFunctionName = similarityFunction.rawValue
        configuration.truncateDimension = truncateDimension
        try configuration.write(toFolder: folder)
    }
}
