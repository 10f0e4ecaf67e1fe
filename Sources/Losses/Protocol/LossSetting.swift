/// What a loss is about to be trained on: facts by which it can say no before any work is done.
public struct LossSetting: Sendable {
    /// Facts about a label column.
    public struct Labels: Sendable {
        public var name: String
        /// Of one row's label: `[]` for a number, `[K]` or `[C, K]` for lists.
        public var shape: [Int]
        public var areIntegers: Bool
        public var range: ClosedRange<Double>
        /// Number of different labels; nil for lists.
        public var distinctCount: Int?

        /// What the column holds, for messages.
        public var content: String { shape.isEmpty ? "one number a row" : "lists of shape \(shape)" }

        public init(name: String = "label", shape: [Int] = [], areIntegers: Bool, range: ClosedRange<Double>, distinctCount: Int?) {
            (self.name, self.shape, self.areIntegers, self.range) = (name, shape, areIntegers, range)
            self.distinctCount = distinctCount
        }
    }

    /// Names of the text columns, in order.
    public var textColumns: [String]
    public var labels: Labels?
    /// D.
    public var embeddingDimension: Int
    /// Layers above the embedding layer.
    public var layerCount: Int
    /// Of the model's tokenizer, for comparing it with a guide's; worked out when asked for.
    public var vocabularyFingerprint: @Sendable () -> UInt64?

    public init(
        textColumns: [String], labels: Labels? = nil, embeddingDimension: Int, layerCount: Int,
        vocabularyFingerprint: @escaping @Sendable () -> UInt64? = { nil }
    ) {
        (self.textColumns, self.labels, self.embeddingDimension) = (textColumns, labels, embeddingDimension)
        (self.layerCount, self.vocabularyFingerprint) = (layerCount, vocabularyFingerprint)
    }
}
