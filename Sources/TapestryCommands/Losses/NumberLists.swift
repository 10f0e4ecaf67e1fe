import Tapestry

/// Lists of lists of numbers, all of one shape, as JSON holds a tensor.
struct NumberLists {
    private(set) var shape: [Int] = []
    private(set) var values: [Double] = []
    private var place: [Int] = []
    private let rank: Int
    private let key: String
    private let file: String

    /// - Parameters:
    ///   - key: Where the lists stand in the file.
    ///   - ranks: How deep lists may be nested.
    /// - Throws: ``BatchFileError``.
    init(_ value: JSONValue, key: String, ranks: ClosedRange<Int>, file: String) throws {
        self.key = key
        self.file = file
        rank = min(Self.depth(of: value), ranks.upperBound)
        guard ranks.contains(rank) else {
            let expected = ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
            throw BatchFileError(file: file, key: key, problem: "lists nested \(rank) deep, expected \(expected)")
        }
        try read(value, depth: 0)
    }

    func tensor(_ dtype: DType) -> Tensor { Tensor(values, shape: shape, dtype: dtype) }

    private static func depth(of value: JSONValue) -> Int {
        guard case .array(let elements) = value else { return 0 }
        return 1 + (elements.first.map { depth(of: $0) } ?? 0)
    }

    private mutating func read(_ value: JSONValue, depth: Int) throws {
        guard depth < rank else {
            values.append(try number(value))
            return
        }
        let isInnermost = depth == rank - 1
        guard case .array(let elements) = value else {
            throw wrong(Self.kind(of: value), expected: isInnermost ? "a list of numbers" : "a list of lists")
        }
        guard !elements.isEmpty else { throw wrong("an empty list", expected: isInnermost ? "numbers" : "lists") }
        if shape.count == depth { shape.append(elements.count) }
        guard elements.count == shape[depth] else {
            let things = isInnermost ? "number" : "list"
            throw wrong("\(elements.count) \(things)\(elements.count == 1 ? "" : "s")", expected: "\(shape[depth])")
        }
        for (index, element) in elements.enumerated() {
            place.append(index)
            try read(element, depth: depth + 1)
            place.removeLast()
        }
    }

    private func number(_ value: JSONValue) throws -> Double {
        switch value {
        case .integer(let integer): return Double(integer)
        case .number(let number): return number.doubleValue
        case .string("NaN"): return .nan
        case .string("Infinity"): return .infinity
        case .string("-Infinity"): return -.infinity
        default: throw wrong(Self.kind(of: value), expected: "a number")
        }
    }

    private func wrong(_ found: String, expected: String) -> BatchFileError {
        BatchFileError(file: file, key: key + place.map { "[\($0)]" }.joined(), problem: "\(found), expected \(expected)")
    }

    private static func kind(of value: JSONValue) -> String {
        switch value {
        case .array(let elements): "a list of \(elements.count)"
        case .object: "an object"
        default: value.serialized(.compact)
        }
    }
}

extension JSONValue {
    /// A number with all of its digits; `"NaN"`, `"Infinity"` or `"-Infinity"` where it is none that JSON can write.
    static func exact(_ value: Double) -> JSONValue {
        if value.isFinite { return .real(value) }
        return .string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    }

    /// As lists of lists of numbers.
    static func exact(_ tensor: Tensor) -> JSONValue {
        func lists(_ values: ArraySlice<Double>, _ shape: ArraySlice<Int>) -> JSONValue {
            guard let count = shape.first else { return .exact(values.first ?? .nan) }
            let width = values.count / max(1, count)
            return .array((0..<count).map { lists(values.dropFirst($0 * width).prefix(width), shape.dropFirst()) })
        }
        return lists(tensor.values[...], tensor.shape[...])
    }
}
