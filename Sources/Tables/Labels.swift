/// The label column of a dataset: a finite number a row, or a list of them.
public struct Labels: Sendable, Equatable {
    /// The names that mark a column as the label, in order of precedence.
    public static let conventionalNames = ["label", "labels", "score", "scores"]

    /// The largest magnitude of an integer that no other integer rounds to as a `Double`: 2⁵³ - 1.
    static let largestExactInteger = 9_007_199_254_740_991.0

    public let name: String
    /// The numbers of all rows, row after row.
    public let values: [Double]
    /// Of one row's label: `[]` for a number, `[K]` or `[C, K]` for lists.
    public let rowShape: [Int]
    /// Whether the column holds integers, as class labels are, rather than scores that happen to be whole.
    public let areIntegers: Bool

    /// - Parameters:
    ///   - rowShape: The shape of one row's label.
    ///   - areIntegers: `nil` decides by the values: integers if all of them are whole numbers.
    /// - Throws: `DatasetError` if a value is NaN or infinite, if the values do not fill whole rows, or if
    ///   `areIntegers` is true and a value is not a whole number of magnitude below 2⁵³.
    public init(name: String = "label", values: [Double], rowShape: [Int] = [], areIntegers: Bool? = nil) throws {
        guard rowShape.allSatisfy({ $0 > 0 }), values.count.isMultiple(of: rowShape.reduce(1, *)) else {
            throw DatasetError("\(values.count) numbers do not fill rows of shape \(rowShape)", column: name)
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw DatasetError("value \(index) (from 0) must be finite, found \(values[index])", column: name)
        }
        let fraction = values.firstIndex { !Self.isExactInteger($0) }
        if areIntegers == true, let fraction {
            throw DatasetError(
                "value \(fraction) (from 0) must be a whole number, found \(values[fraction])", column: name)
        }
        self.init(uncheckedName: name, values: values, rowShape: rowShape, areIntegers: areIntegers ?? (fraction == nil))
    }

    public var rowCount: Int { values.count / width }

    /// Numbers in one row's label.
    var width: Int { rowShape.reduce(1, *) }

    /// The numbers of some rows, row after row.
    public func values(ofRows rows: [Int]) -> [Double] {
        if width == 1 { return rows.map { values[$0] } }
        return rows.flatMap { values[$0 * width..<($0 + 1) * width] }
    }

    /// For values that have been checked already.
    package init(uncheckedName name: String, values: [Double], rowShape: [Int] = [], areIntegers: Bool) {
        self.name = name
        self.rowShape = rowShape
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
