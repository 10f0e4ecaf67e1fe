import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles
import Requirements

/// A recurrent network over the tokens of each sequence (Hochreiter and Schmidhuber 1997), forward or both ways.
public struct LSTM: EmbeddingModule {
    /// Forward, and if it goes both ways backward, for each layer.
    public let directions: [LSTMDirection]
    /// Between layers, in training.
    public let dropout: Dropout
    private let inputWidth, hiddenWidth, layerCount: Int
    private let isBidirectional: Bool

    public static var typeName: String { ModuleKind.lstm.typeName(.version6) }
    private static let fileName = "lstm_config.json"

    /// Random weights around zero.
    ///
    /// - Parameters:
    ///   - inputWidth: Width of the token embeddings.
    ///   - hiddenWidth: Width of what each direction gives.
    ///   - layerCount: Layers, each upon the one before.
    ///   - isBidirectional: Whether there is a second direction, from the last token to the first.
    ///   - dropout: The rate between layers.
    ///   - key: Draws the weights; nil: all zero, to be filled from a file.
    public init(
        inputWidth: Int, hiddenWidth: Int, layerCount: Int = 1, isBidirectional: Bool = true, dropout: Double = 0, key: RandomKey?
    ) {
        require(inputWidth > 0 && hiddenWidth > 0 && layerCount > 0, "LSTM: needs widths and layers above 0")
        let count = isBidirectional ? 2 : 1
        directions = (0..<layerCount * count).map { i in
            LSTMDirection(
                inputWidth: i < count ? inputWidth : hiddenWidth * count, hiddenWidth: hiddenWidth, isReversed: i % count == 1,
                key: key?.folded(with: UInt64(i)))
        }
        self.dropout = Dropout(dropout)
        (self.inputWidth, self.hiddenWidth, self.layerCount, self.isBidirectional) = (inputWidth, hiddenWidth, layerCount, isBidirectional)
    }

    /// - Throws: `ModelFileError` for a configuration or weights that do not fit.
    public init(folder: URL) throws {
        let sizes = 1...Int(Int32.max)
        var fields = try JSONFields(configurationIn: folder, named: Self.fileName)
        let width = try fields.requiredInteger("embedding_dimension", formerly: "word_embedding_dimension", in: sizes)
        let hidden = try fields.requiredInteger("hidden_dim", in: sizes)
        let layers = try fields.integer("num_layers", in: 1...1000) ?? 1
        let weights = try WeightFiles(folder: folder)
        let numbers = weights.entries.reduce(0.0) { $0 + Double($1.count) }
        guard 4 * Double(hidden) * (Double(width) + Double(hidden) * Double(layers)) <= numbers else {
            throw fields.error("hidden_dim", "\(weights.url.path) is too small for this width")
        }
        self.init(
            inputWidth: width, hiddenWidth: hidden, layerCount: layers, isBidirectional: try fields.bool("bidirectional") ?? true,
            dropout: try fields.number("dropout", in: 0...(1.0.nextDown)) ?? 0, key: nil)
        try Weights.load(namedParameters, from: weights)
    }

    private var directionCount: Int { isBidirectional ? 2 : 1 }

    private static let names: FileNames = [
        "inputWeight": "weight_ih", "stateWeight": "weight_hh", "inputBias": "bias_ih", "stateBias": "bias_hh",
    ]

    /// The names of PyTorch: `encoder.weight_ih_l0_reverse`.
    public var parts: [NamedPart] {
        directions.enumerated().flatMap { i, direction in
            direction.parts.renamed(by: Self.names).map {
                NamedPart(name: "encoder.\($0.name)_l\(i / directionCount)\(direction.isReversed ? "_reverse" : "")", $0.part)
            }
        }
    }

    public func tokenDimension(of inputDimension: Int?) -> Int? { hiddenWidth * directionCount }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? { mismatch(needingTokenEmbeddingsOf: inputWidth, tokenWidth) }

    public var summary: String { "\(inputWidth) to \(hiddenWidth * directionCount), \(layerCount) layers" }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        var x = features.requiredTokenEmbeddings
        for layer in 0..<layerCount {
            if layer > 0 { x = dropout(x, in: context) }
            let own = directions[layer * directionCount..<(layer + 1) * directionCount]
            x = .concatenating(own.map { $0(x, offsets: features.batch.offsets) }, alongAxis: 1)
        }
        features.tokenEmbeddings = x
        return features
    }

    public func copied() -> LSTM {
        LSTM(
            inputWidth: inputWidth, hiddenWidth: hiddenWidth, layerCount: layerCount, isBidirectional: isBidirectional,
            dropout: dropout.rate, key: nil
        ).takingValues(of: self)
    }

    public func save(to folder: URL) throws {
        let object: JSONObject = [
            "embedding_dimension": .integer(inputWidth), "hidden_dim": .integer(hiddenWidth), "num_layers": .integer(layerCount),
            "dropout": dropout.rate == 0 ? .integer(0) : .real(dropout.rate),
            "bidirectional": .bool(isBidirectional),
        ]
        try object.writeConfiguration(in: folder, named: Self.fileName)
        try Weights.save(namedTensors, to: folder.appendingPathComponent(WeightFiles.fileName))
    }
}

/// One direction of one layer of an LSTM.
public struct LSTMDirection: Module {
    /// For input, forget, cell and output gates: of what comes in, and of the state before.
    public let inputWeight, stateWeight: Parameter  // [4H, in], [4H, H]
    /// Both are added.
    public let inputBias, stateBias: Parameter  // [4H] each
    /// Whether it goes from the last token to the first.
    public let isReversed: Bool

    init(inputWidth: Int, hiddenWidth: Int, isReversed: Bool, key: RandomKey?) {
        func draw(_ shape: [Int], _ number: UInt64) -> Parameter {
            .initialized(
                shape, standardDeviation: 1 / Double(3 * hiddenWidth).squareRoot(), dtype: .float32, key: key?.folded(with: number))
        }
        inputWeight = draw([4 * hiddenWidth, inputWidth], 0)
        stateWeight = draw([4 * hiddenWidth, hiddenWidth], 1)
        inputBias = draw([4 * hiddenWidth], 2)
        stateBias = draw([4 * hiddenWidth], 3)
        self.isReversed = isReversed
    }

    /// - Parameters:
    ///   - x: `[T, in]`, the sequences end to end.
    ///   - offsets: Where they begin.
    /// - Returns: `[T, H]`: the state at each token.
    public func callAsFunction(_ x: Tensor, offsets: Offsets) -> Tensor {
        let width = stateWeight.shape[1]
        guard x.shape[0] > 0 else { return .zeros([0, width], dtype: x.dtype) }
        let recurrent = stateWeight.value
        let gates = x.linear(weight: inputWeight.value, bias: inputBias.value + stateBias.value)  // [T, 4H]
        // The longest first: those that still go on are then the first ones.
        let lengths = offsets.lengths
        let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        var states: [Tensor] = [], rows: [Int] = []
        var hidden: Tensor?, cell: Tensor?
        for step in 0..<lengths[order[0]] {
            let active = order.prefix { lengths[$0] > step }
            let places = active.map { isReversed ? offsets[$0].upperBound - 1 - step : offsets[$0].lowerBound + step }
            rows += places
            var sum = gates.gatheringRows(at: Tensor(indices: places))
            if let hidden { sum = sum + hidden.sliced(0..<active.count).matmul(recurrent, transposingB: true) }
            let parts = sum.split(lengths: [width, width, width, width], alongAxis: 1)
            var next = parts[0].sigmoid() * parts[2].tanh()
            if let cell { next = next + parts[1].sigmoid() * cell.sliced(0..<active.count) }
            let state = parts[3].sigmoid() * next.tanh()
            (hidden, cell) = (state, next)
            states.append(state)
        }
        var places = rows
        for (place, row) in rows.enumerated() { places[row] = place }
        return Tensor.concatenating(states).gatheringRows(at: Tensor(indices: places))
    }
}
