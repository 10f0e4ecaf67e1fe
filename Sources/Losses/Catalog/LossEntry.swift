import JSON

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
    /// Options for an example of it, where some have no default: by it people learn its inputs.
    public let example: JSONObject
    /// - Throws: ``LossInputError`` for values that cannot be.
    public let make: @Sendable (LossOptions) throws -> any Loss

    public init(
        _ name: String, summary: String = "", formula: String = "", options: [Option] = [], example: JSONObject = [:],
        make: @escaping @Sendable (LossOptions) throws -> any Loss
    ) {
        self.name = name
        self.summary = summary
        self.formula = formula
        self.options = options
        self.example = example
        self.make = make
    }

    /// Whether it is put around another loss, whose columns and labels it takes.
    public var isModifier: Bool { options.contains { $0.name == "loss" } }

    /// - Throws: ``LossInputError`` for an option that does not exist, or a value that cannot be.
    func loss(_ values: JSONObject, _ surroundings: LossOptions.Surroundings) throws -> any Loss {
        let options = try LossOptions(values, of: name, listed: self.options, surroundings)
        let loss = try make(options)
        try options.checkAllAreKnown()
        return loss
    }

    /// One made with the options of its example.
    public func exampleLoss(in surroundings: LossOptions.Surroundings = .example) throws -> any Loss {
        try loss(example, surroundings)
    }
}
