/// What a loss is about to be trained on: facts by which it can say no before any work is done.
public struct LossSetting: Sendable {
    /// Facts about a label column.
    public struct Labels: Sendable {
        /// The column's name.
        public var name: String
        /// Of one row's label: `[]` for a number, `[K]` or `[C, K]` for lists.
        public var shape: [Int]
        /// Whether all are whole numbers.
        public var areIntegers: Bool
        /// From the smallest to the largest.
        public var range: ClosedRange<Double>
        /// Number of different labels; nil for lists.
        public var distinctCount: Int?

        /// What the column holds, for messages.
        public var content: String { shape.isEmpty ? "one number a row" : "lists of shape \(shape)" }

        /// Labels by what is known of them.
        public init(name: String = "label", shape: [Int] = [], areIntegers: Bool, range: ClosedRange<Double>, distinctCount: Int?) {
            self.name = name
            self.shape = shape
            self.areIntegers = areIntegers
            self.range = range
            self.distinctCount = distinctCount
        }
    }

    /// Names of the text columns, in order.
    public var textColumns: [String]
    /// The labels; nil where there are none.
    public var labels: Labels?
    /// D.
    public var embeddingDimension: Int
    /// Layers above the embedding layer.
    public var layerCount: Int
    /// Of the model's tokenizer, for comparing it with a guide's; worked out when asked for.
    public var vocabularyFingerprint: @Sendable () -> UInt64?

    /// A setting by what is known of dataset and model.
    public init(
        textColumns: [String], labels: Labels? = nil, embeddingDimension: Int, layerCount: Int,
        vocabularyFingerprint: @escaping @Sendable () -> UInt64? = { nil }
    ) {
        self.textColumns = textColumns
        self.labels = labels
        self.embeddingDimension = embeddingDimension
        self.layerCount = layerCount
        self.vocabularyFingerprint = vocabularyFingerprint
    }
}
