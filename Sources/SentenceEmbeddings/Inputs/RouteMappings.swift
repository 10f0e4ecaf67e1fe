import JSON

/// Which route texts of a task take, as `route_mappings` of `router_config.json` says: by the task and what kind of input it is, each
/// of which may be left open. All inputs here are texts.
struct RouteMappings: Sendable {
    /// What a text is among kinds of inputs.
    static let modality = "text"

    private let entries: [(key: String, task: String?, modalities: [String]?, route: String)]

    init() { entries = [] }

    /// Reads keys as Python writes pairs: `('query', 'text')`, `(None, ('image', 'text'))`.
    ///
    /// - Parameters:
    ///   - map: Keys and routes.
    ///   - error: What is thrown for a key that is no such pair.
    init(_ map: [String: String], error: (String) -> any Error) throws {
        entries = try map.sorted { $0.key < $1.key }.map { key, route in
            var literal = PythonLiteral(key)
            guard case .tuple(let pair)? = literal.value(), literal.isAtEnd, pair.count == 2 else {
                throw error("\(key) is no pair of a task and a kind of input, such as ('query', 'text')")
            }
            guard case (.some(let task), .some(let modalities)) = (pair[0].text, pair[1].texts) else {
                throw error("\(key): a task is a text or None, a kind of input also a tuple of texts")
            }
            return (key, task, modalities, route)
        }
    }

    /// All routes that are named.
    var routes: [String] { entries.map(\.route) }

    /// The route for texts of a task: where it is named for texts, named at all, or texts are.
    func route(for task: String?) -> String? {
        let text = [Self.modality]
        return [(task, text), (task, nil), (nil, text), (nil, nil)].lazy.compactMap { task, modalities in
            entries.first { $0.task == task && $0.modalities == modalities }?.route
        }.first
    }

    var json: JSONObject { JSONObject(members: entries.map { ($0.key, .string($0.route)) }) }
}

/// Reads `None`, texts in quotation marks and tuples of these.
private struct PythonLiteral {
    indirect enum Value {
        case none, text(String), tuple([Value])

        /// Nil where it is no text and not `None`, which is a nil text.
        var text: String?? {
            switch self {
            case .none: .some(nil)
            case .text(let text): text
            case .tuple: nil
            }
        }

        /// The same with a tuple of texts for several.
        var texts: [String]?? {
            guard case .tuple(let values) = self else { return text.map { $0.map { [$0] } } }
            let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
            return texts.count == values.count ? texts : nil
        }
    }

    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    private mutating func skip(_ text: String) -> Bool {
        rest = rest.drop { $0 == " " }
        guard rest.hasPrefix(text) else { return false }
        rest.removeFirst(text.count)
        return true
    }

    mutating func value(depth: Int = 0) -> Value? {
        if skip("None") { return Value.none }
        for mark in ["'", "\""] where skip(mark) {
            guard let end = rest.firstIndex(of: Character(mark)) else { return nil }
            defer { rest = rest[rest.index(after: end)...] }
            return .text(String(rest[..<end]))
        }
        guard depth < 2, skip("(") else { return nil }
        var values: [Value] = []
        while !skip(")") {
            guard let value = value(depth: depth + 1) else { return nil }
            values.append(value)
            guard skip(",") || rest.first == ")" else { return nil }
        }
        return .tuple(values)
    }
}
