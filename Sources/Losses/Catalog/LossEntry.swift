/// A loss as people look it up: its name, what it does, its options, and how it is made from them.
public struct LossEntry: Sendable {
    public struct Option: Sendable {
        /// By the reference's name.
        public let name: String
        /// As text; nil where a value has to be given.
        public let defaultValue: String?
        public let meaning: String

        public init(_ name: String, _ defaultValue: String?, _ meaning: String) {
            self.name = name
            self.defaultValue = defaultValue
            self.meaning = meaning
        }
    }

    public let name: String
    /// One sentence.
    public let summary: String
    /// In plain text, of one or a few lines.
    public let formula: String
    public let options: [Option]
    /// - Throws: ``LossInputError`` for values that cannot be.
    public let make: @Sendable (LossOptions) throws -> any Loss

    public init(
        _ name: String, summary: String = "", formula: String = "", options: [Option] = [],
        make: @escaping @Sendable (LossOptions) throws -> any Loss
    ) {
        self.name = name
        self.summary = summary
        self.formula = formula
        self.options = options
        self.make = make
    }
}
