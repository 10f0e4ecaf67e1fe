import Tables

/// What the arguments say of a dataset's columns beside their texts.
public struct ColumnInputs: Sendable, Equatable {
    /// Put before the texts of each column; nil: nothing is, of any.
    public let prompts: [String]?
    /// What the texts of each column are for, by which a router chooses their route; nil: nothing is said of any.
    public let tasks: [String?]?

    /// - Parameters:
    ///   - prompts: One for each column, empty where there is none.
    ///   - tasks: One for each column.
    public init(prompts: [String]? = nil, tasks: [String?]? = nil) {
        self.prompts = prompts?.contains { !$0.isEmpty } == true ? prompts : nil
        self.tasks = tasks?.contains { $0 != nil } == true ? tasks : nil
    }

    /// What `prompts` and `router_mapping` say of a dataset.
    ///
    /// - Throws: ``TrainingArgumentError`` where they do not fit its columns.
    init(_ arguments: TrainingArguments, for dataset: Dataset, named name: String, isOnly: Bool) throws(TrainingArgumentError) {
        func texts(_ told: ColumnTexts?, _ key: String) throws(TrainingArgumentError) -> [String]? {
            try told?.texts(for: dataset.columnNames, of: name, isOnly: isOnly, key: key)
        }
        self.init(
            prompts: try texts(arguments.prompts, "prompts"),
            tasks: try texts(arguments.routerMapping, "router_mapping")?.map { $0.isEmpty ? nil : $0 })
    }

    /// Whether nothing is said.
    public var isEmpty: Bool { prompts == nil && tasks == nil }
}
