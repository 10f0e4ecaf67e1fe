import JSON
import Options

/// A text for all columns, for columns by their names, for datasets, or for both: prompts, and routes.
///
/// ```swift
/// arguments.prompts = "query: "
/// arguments.prompts = ["question": "query: ", "answer": "passage: "]
/// arguments.prompts = ["nq": ["question": "query: "], "quora": "duplicate: "]
/// ```
public struct ColumnTexts: OptionValue, Equatable, ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    /// A text, or a map of texts or of maps of texts.
    public let json: JSONValue

    public static var kind: String { "a text, or a map of columns or datasets to texts" }

    /// Nil for what is neither a text, nor texts by names, nor maps of these by names.
    public init?(json: JSONValue) {
        func isTexts(_ value: JSONValue, depth: Int) -> Bool {
            switch value {
            case .string: true
            case .object(let object): depth < 2 && object.members.allSatisfy { isTexts($0.value, depth: depth + 1) }
            default: false
            }
        }
        guard isTexts(json, depth: 0) else { return nil }
        self.json = json
    }

    public init?(text: String) {
        if text.first == "{", let json = try? JSONValue.parse(Array(text.utf8)) {
            self.init(json: json)
        } else {
            self.init(stringLiteral: text)
        }
    }

    public init(stringLiteral value: String) { json = .string(value) }
    public init(dictionaryLiteral elements: (String, ColumnTexts)...) {
        json = .object(JSONObject(members: elements.map { ($0, $1.json) }))
    }

    /// One text for each column of a dataset; empty where there is none.
    ///
    /// - Parameters:
    ///   - columns: The dataset's columns.
    ///   - dataset: Its name; empty where it has none.
    ///   - isOnly: Whether the run has no other dataset.
    ///   - key: The argument, for messages.
    /// - Throws: ``TrainingArgumentError`` for maps by dataset that do not name the only one, and for a column that there is not.
    func texts(for columns: [String], of dataset: String, isOnly: Bool, key: String) throws(TrainingArgumentError) -> [String] {
        var found = json
        var isOwn = false
        if case .object(let map) = found, !dataset.isEmpty, let own = map[dataset] { (found, isOwn) = (own, true) }
        guard case .object(let map) = found else { return columns.map { _ in String(json: found) ?? "" } }
        if map.members.contains(where: { if case .object = $0.value { true } else { false } }) {
            guard isOnly else { return columns.map { _ in "" } }
            throw TrainingArgumentError(
                "\(key) is told by dataset (\(map.keys.joined(separator: ", "))), but the only dataset "
                    + (dataset.isEmpty ? "has no name" : "is called \(dataset)"))
        }
        if isOwn || isOnly, let other = map.keys.first(where: { !columns.contains($0) }) {
            throw TrainingArgumentError(
                "\(key): there is no column \(other)\(dataset.isEmpty ? "" : " in \(dataset)"); there are \(columns.joined(separator: ", "))"
            )
        }
        return columns.map { map[$0].flatMap { String(json: $0) } ?? "" }
    }
}
