import Tapestry

extension TextTable {
    /// Options as people read them.
    init(_ options: [OptionSummary], of kind: String) {
        self.init(kind, "default", "value", "meaning")
        for option in options { addRow(option.key, option.defaultValue ?? "required", option.value, option.meaning) }
    }
}

extension JSONValue {
    /// An option for programs to read.
    init(_ option: OptionSummary) {
        self = [
            "name": .string(option.key), "default": option.defaultValue.map { .string($0) } ?? .null,
            "value": .string(option.value), "meaning": .string(option.meaning),
        ]
    }
}
