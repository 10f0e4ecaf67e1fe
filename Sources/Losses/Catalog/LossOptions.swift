import Autodiff
import JSON
import Synchronization

/// Options of a loss by the reference's names, as JSON, with errors that say which option and what would be right.
public struct LossOptions: Sendable {
    /// What some options need beside their values.
    public struct Surroundings: Sendable {
        /// Width of the model's embeddings, where a model is at hand.
        public var embeddingDimension: Int?
        /// Number of classes among the data's labels, where there are any.
        public var classCount: Int?
        /// Opens a guide by its path, or the only one there is.
        public var guide: (@Sendable (String?) throws -> any Guide)?

        public init(
            embeddingDimension: Int? = nil, classCount: Int? = nil, guide: (@Sendable (String?) throws -> any Guide)? = nil
        ) {
            self.embeddingDimension = embeddingDimension
            self.classCount = classCount
            self.guide = guide
        }

        /// For losses that are made to be looked at, not to be trained.
        public static let example = Surroundings(embeddingDimension: 8, classCount: 2) { _ in GuideOfZeros() }
    }

    public let values: JSONObject
    private let loss: String
    private let listed: [String]
    private let asked = AskedKeys()
    public let surroundings: Surroundings

    /// Options of the reference that change nothing here: training runs in one process, with one progress bar.
    private static let withoutEffect = ["gather_across_devices", "show_progress_bar"]

    /// - Parameters:
    ///   - loss: Its name, for messages.
    ///   - listed: The options that there are; none: `checkAllAreKnown` tells from what was asked for.
    /// - Throws: ``LossInputError`` for an option that is not listed.
    public init(_ values: JSONObject, of loss: String, listed: [LossEntry.Option], _ surroundings: Surroundings) throws {
        self.values = values
        self.loss = loss
        self.listed = listed.map(\.name)
        self.surroundings = surroundings
        if !listed.isEmpty { try checkAllAreKnown() }
    }

    /// - Throws: ``LossInputError`` for an option that is neither listed nor was asked for.
    public func checkAllAreKnown() throws {
        let known = listed + asked.keys.filter { !listed.contains($0) }
        guard let key = values.keys.first(where: { !known.contains($0) && !Self.withoutEffect.contains($0) }) else { return }
        throw LossInputError("\(loss) has no option \(key); " + (known.isEmpty
            ? "it has none" : "did you mean \(nearest(to: key, among: known))? It has \(known.joined(separator: ", "))"))
    }

    /// The value as it was given; nil where it was not, or is null.
    public subscript(key: String) -> JSONValue? {
        asked.insert(key)
        return values[key].flatMap { $0 == .null ? nil : $0 }
    }

    /// The error for a value that does not fit.
    public func error(_ key: String, expected: String) -> LossInputError {
        let given = self[key].map { $0.serialized(.compact) } ?? "nothing"
        return LossInputError("\(loss): \(key) must be \(expected), not \(given)")
    }

    public func number(_ key: String, default value: Double) throws -> Double { try number(key) ?? value }

    public func number(_ key: String) throws -> Double? {
        switch self[key] {
        case nil: return nil
        case .number(let number)?: return number.doubleValue
        case .integer(let integer)?: return Double(integer)
        default: throw error(key, expected: "a number")
        }
    }

    public func integer(_ key: String, default value: Int) throws -> Int { try integer(key) ?? value }

    public func integer(_ key: String) throws -> Int? {
        guard let number = try number(key) else { return nil }
        guard let integer = Int(exactly: number) else { throw error(key, expected: "a whole number") }
        return integer
    }

    public func bool(_ key: String, default value: Bool) throws -> Bool {
        switch self[key] {
        case nil: return value
        case .bool(let bool)?: return bool
        default: throw error(key, expected: "true or false")
        }
    }

    public func string(_ key: String) throws -> String? {
        switch self[key] {
        case nil: return nil
        case .string(let text)?: return text
        default: throw error(key, expected: "a text")
        }
    }

    public func integers(_ key: String) throws -> [Int]? {
        try numbers(key).map { numbers in
            try numbers.map { number in
                guard let integer = Int(exactly: number) else { throw error(key, expected: "a list of whole numbers") }
                return integer
            }
        }
    }

    public func numbers(_ key: String) throws -> [Double]? {
        guard let value = self[key] else { return nil }
        guard case .array(let elements) = value else { throw error(key, expected: "a list of numbers") }
        return try elements.map { element in
            switch element {
            case .number(let number): number.doubleValue
            case .integer(let integer): Double(integer)
            default: throw error(key, expected: "a list of numbers")
            }
        }
    }

    public func strings(_ key: String) throws -> [String]? {
        guard let value = self[key] else { return nil }
        guard case .array(let elements) = value else { throw error(key, expected: "a list of texts") }
        return try elements.map { element in
            guard case .string(let text) = element else { throw error(key, expected: "a list of texts") }
            return text
        }
    }

    /// One of several things with names, such as similarity functions.
    public func choice<Choice>(_ key: String, default value: Choice, among all: [(name: String, value: Choice)]) throws -> Choice {
        guard let name = try string(key) else { return value }
        guard let found = all.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            throw error(key, expected: "one of " + all.map(\.name).joined(separator: ", "))
        }
        return found.value
    }

    public func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, default value: Choice) throws -> Choice
    where Choice.RawValue == String {
        try choice(key, default: value, among: Choice.allCases.map { ($0.rawValue, $0) })
    }

    public func similarityMatrix(_ key: String = "similarity_fct", default value: SimilarityMatrix = .cosine) throws -> SimilarityMatrix {
        try choice(key, default: value, among: SimilarityMatrix.all.map { ($0.name, $0) })
    }

    public func pairwiseSimilarity(_ key: String = "similarity_fct", default value: PairwiseSimilarity) throws -> PairwiseSimilarity {
        try choice(key, default: value, among: PairwiseSimilarity.all.map { ($0.name, $0) })
    }

    /// A loss inside of this one: `"NAME"`, or `{"name": "NAME", …}` with its options.
    public func loss(_ key: String = "loss") throws -> any Loss {
        guard let value = self[key] else { throw error(key, expected: "the name of a loss") }
        return try LossCatalog.loss(LossSpecification(value), surroundings: surroundings)
    }

    /// The guide whose path the option is; nil where there is neither a path nor anything to open one.
    public func guide(_ key: String = "guide") throws -> (any Guide)? {
        let path = try string(key)
        guard let open = surroundings.guide else {
            if path != nil { throw error(key, expected: "left out where no model can be opened") }
            return nil
        }
        do {
            return try open(path)
        } catch let problem as LossInputError {
            throw LossInputError("\(loss): \(problem)")
        }
    }

    /// - Throws: ``LossInputError`` with this sentence about an option, unless the condition holds.
    public func require(_ condition: Bool, _ key: String, _ expected: String) throws {
        guard condition else { throw error(key, expected: expected) }
    }
}

/// Which options somebody asked for.
private final class AskedKeys: Sendable {
    private let asked = Mutex<Set<String>>([])

    func insert(_ key: String) { asked.withLock { _ = $0.insert(key) } }
    var keys: [String] { asked.withLock { $0.sorted() } }
}

/// Has no opinion.
private struct GuideOfZeros: Guide {
    func embeddings(of texts: [String]) -> Tensor { .zeros([texts.count, 1]) }
}
