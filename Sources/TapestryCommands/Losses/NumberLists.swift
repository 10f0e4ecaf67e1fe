import Tapestry

/// Lists of lists of numbers, all of one shape, as JSON holds a tensor.
struct NumberLists {
    private(set) var shape: [Int] = []
    private(set) var values: [Double] = []

    /// - Parameter ranks: How deep lists may be nested.
    /// - Throws: `BatchFileError`.
    init(_ node: BatchNode, ranks: ClosedRange<Int>) throws {
        let rank = min(Self.depth(of: node.value), ranks.upperBound)
        guard ranks.contains(rank) else {
            let expected = ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
            throw node.error("lists nested \(rank) deep, expected \(expected)")
        }
        try read(node, depth: 0, rank)
    }

    func tensor(_ dtype: DType) -> Tensor { Tensor(values, shape: shape, dtype: dtype) }

    private static func depth(of value: JSONValue) -> Int {
        guard case .array(let elements) = value else { return 0 }
        return 1 + (elements.first.map { depth(of: $0) } ?? 0)
    }

    private mutating func read(_ node: BatchNode, depth: Int, _ rank: Int) throws {
        guard depth < rank else { return values.append(try Self.number(node)) }
        let isInnermost = depth == rank - 1
        let elements = try node.elements(isInnermost ? "a list of numbers" : "a list of lists")
        guard !elements.isEmpty else { throw node.error("an empty list, expected \(isInnermost ? "numbers" : "lists")") }
        if shape.count == depth { shape.append(elements.count) }
        guard elements.count == shape[depth] else {
            let things = (isInnermost ? "number" : "list") + (elements.count == 1 ? "" : "s")
            throw node.error("\(elements.count) \(things), expected \(shape[depth])")
        }
        for element in elements { try read(element, depth: depth + 1, rank) }
    }

    /// As `JSONValue/exact(_:)-(Double)` writes it.
    private static func number(_ node: BatchNode) throws -> Double {
        switch node.value {
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        case let value: try value.doubleValue ?? { throw node.mismatch("a number") }()
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
