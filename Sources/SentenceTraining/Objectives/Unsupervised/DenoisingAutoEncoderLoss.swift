import Autodiff
import Encoders
import Foundation
import Layers
import Losses
import ModelFiles
import Options
import Requirements
import SentenceEmbeddings
import Training

/// From the embedding of a damaged sentence a decoder shall find the sentence again (TSDAE).
///
/// The mean of `−ln p(tⱼ | t₀ … tⱼ₋₁, r)` over all tokens of the original sentences but the first, the closing special
/// token included, where r is the embedding of the damaged one. The decoder sees r through cross-attention in every
/// layer. It runs without dropout, and is dropped after training.
///
/// Tied (the default), the decoder computes with the encoder's own embeddings and layers, and has only cross-attention
/// and the head for itself. They come from `decoderNameOrPath` as far as they are there, and are drawn otherwise.
///
/// - Inputs: two text columns: damaged, original; no labels. ``DenoisingAutoEncoderDataset`` makes them of sentences.
///   The method was published with CLS pooling.
/// - Reference: Wang et al. 2021 (arXiv:2104.06979).
/// - Relatives: ``ContrastiveTensionLossInBatchNegatives``.
public struct DenoisingAutoEncoderLoss: OnePassObjective, SentenceObjective {
    fileprivate static let inputs = LossInputs(columns: ["damaged", "original"])
    public var inputs: LossInputs { Self.inputs }
    /// The decoder, trained beside the model.
    public let decoder: BertDecoder
    private let settings: Settings
    /// The decoder's that are not the model's.
    public let parameters: [NamedParameter]
    /// Most logits that are in memory at once, 64 MB in float32; the result does not depend on it. Each block passes over
    /// the table of word embeddings and its gradient once more, so few are better.
    public var elementsPerBlock = 1 << 24
    private let padID: Int32?

    /// What it can be told.
    public struct Settings: Configurable, Sendable {
        /// The folder that the decoder comes from, or what of it is not the encoder's.
        public var decoderNameOrPath: String?
        /// Whether the decoder shares the encoder's embeddings and layers.
        public var tieEncoderDecoder = true

        /// The usual settings.
        public init() {}

        public var options: [OptionRow<Self>] {
            [
                .init("decoder_name_or_path", \.decoderNameOrPath, "folder of a decoder; needed where it is not tied"),
                .init("tie_encoder_decoder", \.tieEncoderDecoder, "the decoder computes with the encoder's embeddings and layers"),
            ]
        }
    }

    /// - Parameters:
    ///   - model: The one that will be trained.
    ///   - decoderNameOrPath: A folder with `config.json` and `model.safetensors` of BERT, with or without cross-attention
    ///     and head. Its word pieces must be those of the model.
    ///   - tieEncoderDecoder: Whether the decoder shares the encoder's parameters; without, it needs a folder.
    ///   - key: Draws the weights that are nowhere else.
    /// - Throws: `LossInputError` for a decoder that does not fit the model, `ModelFileError` for a broken one.
    public init(
        model: SentenceTransformer, decoderNameOrPath: String? = nil, tieEncoderDecoder: Bool = Settings().tieEncoderDecoder,
        key: RandomKey = RandomKey(42)
    ) throws {
        let folder = decoderNameOrPath.map { URL(fileURLWithPath: $0, isDirectory: true) }
        if let folder {
            try Self.check(
                BertDecoder.configuration(fromFolder: folder), at: folder.path, fits: model,
                tiedTo: tieEncoderDecoder ? Self.bert(model) : nil)
        }
        switch (folder, tieEncoderDecoder) {
        case (nil, true): decoder = BertDecoder(sharing: try Self.bert(model), key: key)
        case (let folder?, true): decoder = try BertDecoder(sharing: Self.bert(model), folder: folder, key: key)
        case (let folder?, false): decoder = try BertDecoder(folder: folder, key: key)
        case (nil, false):
            throw LossInputError(
                "DenoisingAutoEncoderLoss: with tie_encoder_decoder false it takes the folder of a decoder "
                    + "as decoder_name_or_path, but got none")
        }
        var settings = Settings()
        (settings.decoderNameOrPath, settings.tieEncoderDecoder) = (decoderNameOrPath, tieEncoderDecoder)
        self.settings = settings
        let trained = Set(model.parameters.map(ObjectIdentifier.init))
        parameters = decoder.namedParameters.named(under: "decoder").filter { !trained.contains(ObjectIdentifier($0.parameter)) }
        padID = model.tokenizer.padID
    }

    /// The encoder whose parameters a tied decoder computes with.
    private static func bert(_ model: SentenceTransformer) throws -> TransformerEncoder {
        let encoder = model.transformer?.model
        guard let bert = encoder as? TransformerEncoder, bert.configuration.architecture == .bert else {
            throw LossInputError(
                "DenoisingAutoEncoderLoss ties its decoder to a model of the architecture bert only, not "
                    + "\(encoder?.configuration.architecture.modelType ?? model.input.className); set tie_encoder_decoder false, and give the folder of a decoder"
            )
        }
        return bert
    }

    private static func check(
        _ decoder: EncoderConfiguration, at path: String, fits model: SentenceTransformer, tiedTo tied: TransformerEncoder?
    ) throws {
        func refuse(_ wanted: String, _ got: String) -> LossInputError {
            LossInputError("DenoisingAutoEncoderLoss takes a decoder with \(wanted), but that of \(path) has \(got)")
        }
        let width = tied?.width ?? model.embeddingDimension
        guard decoder.hiddenSize == width else {
            throw refuse("hidden_size \(width), as the embeddings have", "\(decoder.hiddenSize)")
        }
        if let tied, decoder.hiddenLayerCount != tied.layerCount {
            throw refuse("num_hidden_layers \(tied.layerCount), as the encoder that it is tied to", "\(decoder.hiddenLayerCount)")
        }
        let vocabulary = tied?.vocabularySize ?? model.tokenizer.vocabularySize
        guard tied != nil ? decoder.vocabularySize == vocabulary : decoder.vocabularySize >= vocabulary else {
            throw refuse("vocab_size \(vocabulary), as the model's word pieces", "\(decoder.vocabularySize)")
        }
        guard decoder.maxPositionEmbeddings >= model.maximumSequenceLength - 1 else {
            throw refuse(
                "max_position_embeddings \(model.maximumSequenceLength - 1) or more, as the model's texts need",
                "\(decoder.maxPositionEmbeddings)")
        }
    }

    public func check(_ setting: LossSetting) throws {
        try inputs.check(loss: name, setting)
        guard setting.embeddingDimension == decoder.width else {
            throw LossInputError(
                "\(name) takes embeddings of \(decoder.width) dimensions, the hidden_size of its decoder, "
                    + "but the model gives \(setting.embeddingDimension)")
        }
    }

    public func loss(_ model: SentenceTransformer, _ batch: TrainingBatch, in context: Context) -> LossValue {
        require(
            !settings.tieEncoderDecoder || (try? Self.bert(model))?.embeddings.words.weight === decoder.words,
            "\(name): its decoder is tied to another model than the one that is trained")
        let memory = model(batch.tokens(ofColumn: 0), in: context).requiredSentenceEmbedding  // [B, H]
        let original = batch.tokens(ofColumn: 1)
        let texts = original.offsets.lengths.indices.map { original.tokenIDs[original.offsets[$0]] }
        let hidden = decoder(TokenBatch(sequences: texts.map { Array($0.dropLast()) }), memory: memory)  // [T, H]
        let following = texts.flatMap { $0.dropFirst() }
        // A text may hold the padding token, which counts for nothing.
        let predicted = following.indices.filter { following[$0] != padID }
        guard !predicted.isEmpty else { return LossValue(hidden.sum() * 0) }
        let targets = predicted.map { following[$0] }
        let rows = predicted.count == following.count ? hidden : hidden.gatheringRows(at: Tensor(indices: predicted))
        let sum = blockwiseSum(
            [rows], with: [decoder.words.value, decoder.head.bias.value],
            blockSize: BlockSize.rows(width: decoder.words.shape[0], elementsPerBlock)
        ) { range, rows, head in
            let logits = rows[0].linear(weight: head[0], bias: head[1])  // [b, V]
            return logits.crossEntropy(targets: Tensor(scalars: Array(targets[range]), shape: [range.count])) * Double(range.count)
        }
        return LossValue(sum / Double(targets.count))
    }

    public var configuration: [(key: String, value: String)] { settings.optionValues + [("need_retokenization", "false")] }

    fileprivate static let citation = """
        @inproceedings{wang-2021-TSDAE,
            title = {TSDAE: Using Transformer-based Sequential Denoising Auto-Encoder for Unsupervised Sentence Embedding Learning},
            author = {Wang, Kexin and Reimers, Nils and Gurevych, Iryna},
            booktitle = {Findings of the Association for Computational Linguistics: EMNLP 2021},
            year = {2021},
            pages = {671--688},
            url = {https://arxiv.org/abs/2104.06979}
        }
        """
    public var citation: String? { Self.citation }
}

extension ObjectiveEntry {
    static let denoisingAutoEncoder = ObjectiveEntry(
        "DenoisingAutoEncoderLoss", summary: "From the embedding of a damaged sentence a decoder shall find the sentence again (TSDAE).",
        formula: "mean of −ln p(t_j | t_0 … t_{j−1}, embedding of the damaged sentence) over the tokens of the original",
        inputs: DenoisingAutoEncoderLoss.inputs, citation: DenoisingAutoEncoderLoss.citation, settings: DenoisingAutoEncoderLoss.Settings()
    ) { settings, model in
        try DenoisingAutoEncoderLoss(
            model: model, decoderNameOrPath: settings.decoderNameOrPath, tieEncoderDecoder: settings.tieEncoderDecoder)
    }
}
