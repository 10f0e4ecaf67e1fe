/// The label column of a dataset: one finite number a row.
public struct Labels: Sendable, Equatable {
    /// The names that mark a column as the label, in order of precedence.
    public static let conventionalNames = ["label", "labels", "score", "scores"]

    /// The largest magnitude of an integer that no other integer rounds to as a `Double`: 2⁵³ - 1.
    static let largestExactInteger = 9_007_199_254_740_991.0

    public let name: String
    public let values: [Double]
    /// Whether the column holds integers, as class labels are, rather than scores that happen to be whole.
    public let areIntegers: Bool

    /// - Parameter areIntegers: `nil` decides by the values: integers if all of them are whole numbers.
    /// - Throws: `DatasetError` if a value is NaN or infinite, or if `areIntegers` is true and a value is not
    ///   a whole number of magnitude below 2⁵³.
    public init(name: String = "label", values: [Double], areIntegers: Bool? = nil) throws {
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw DatasetError("value \(index) (from 0) must be finite, found \(values[index])", column: name)
        }
        let fraction = values.firstIndex { !Self.isExactInteger($0) }
        if areIntegers == true, let fraction {
            throw DatasetError(
                "value \(fraction) (from 0) must be a whole number, found \(values[fraction])", column: name)
        }
        self.init(uncheckedName: name, values: values, areIntegers: areIntegers ?? (fraction == nil))
    }

    /// For values that have been checked already.
    init(uncheckedName name: String, values: [Double], areIntegers: Bool) {
        self.name = name
        self.values = values
        self.areIntegers = areIntegers
    }

    static func isExactInteger(_ value: Double) -> Bool {
        value.magnitude <= largestExactInteger && value == value.rounded(.towardZero)
    }

    /// The index of the column that is the label by its name: the first present of `conventionalNames`.
    static func index(in columnNames: [String]) -> Int? {
        for name in conventionalNames {
            if let index = columnNames.firstIndex(of: name) { return index }
        }
        return nil
    }
}
