import Requirements

extension Dataset {
    /// One value a row, all of one type: texts, numbers, or lists of either.
    ///
    /// A CSV file has no types. There a column whose fields all spell numbers or lists holds these, and its fields as
    /// they were written as texts as well: how it is used decides.
    public struct Column: Sendable {
        /// What the cells of a column are.
        public enum Kind: String, Sendable {
            /// A text in each row.
            case texts
            /// One number a row, or lists of one shape.
            case numbers
            /// A list of texts in each row.
            case textLists = "lists of texts"
            /// A list of numbers in each row, of different lengths.
            case numberLists = "lists of numbers of different lengths"
        }

        enum Content: Sendable {
            case texts(TextColumn)
            /// Row after row.
            case numbers([Double], rowShape: [Int], areIntegers: Bool)
            case textLists([[String]])
            case numberLists([[Double]], areIntegers: Bool)
        }

        /// The largest magnitude of an integer that no other integer rounds to as a `Double`: 2⁵³ - 1.
        static let largestExactInteger = 9_007_199_254_740_991.0

        /// The name that the file or you gave it.
        public let name: String
        let content: Content
        /// The rows as a file without types has them.
        let fields: TextColumn?

        init(name: String, content: Content, fields: TextColumn? = nil) {
            self.name = name
            self.content = content
            self.fields = fields
        }

        /// A column of texts.
        public init(name: String, texts: some Sequence<String>) { self.init(name: name, content: .texts(TextColumn(texts))) }

        /// Lists of texts, such as candidates of a query, or several negatives.
        public init(name: String, textLists: [[String]]) { self.init(name: name, content: .textLists(textLists)) }

        /// Numbers, one a row or in lists of one shape.
        ///
        /// - Parameters:
        ///   - name: What the column is called.
        ///   - values: The numbers of all rows, row after row.
        ///   - rowShape: Of one row: `[]` for a number, `[K]` or `[C, K]` for lists.
        ///   - areIntegers: Whether they are integers, as classes are, rather than scores that happen to be whole; `nil`
        ///     decides by the values.
        /// - Throws: `DatasetError` if a value is NaN or infinite, if the values do not fill whole rows, or if
        ///   `areIntegers` is true and a value is not a whole number of magnitude below 2⁵³.
        public init(name: String = "label", values: [Double], rowShape: [Int] = [], areIntegers: Bool? = nil) throws {
            guard rowShape.allSatisfy({ $0 > 0 }), values.count.isMultiple(of: rowShape.reduce(1, *)) else {
                throw DatasetError("\(values.count) numbers do not fill rows of shape \(rowShape)", column: name)
            }
            let areIntegers = try Self.check(values, name: name, areIntegers: areIntegers)
            self.init(name: name, content: .numbers(values, rowShape: rowShape, areIntegers: areIntegers))
        }

        /// Lists of numbers, whose lengths may differ.
        ///
        /// - Throws: `DatasetError` for values as of `init(name:values:)`.
        public init(name: String, numberLists: [[Double]], areIntegers: Bool? = nil) throws {
            let areIntegers = try Self.check(numberLists.flatMap { $0 }, name: name, areIntegers: areIntegers)
            self.init(name: name, content: .numberLists(numberLists, areIntegers: areIntegers))
        }

        /// One number a row, checked already.
        package init(uncheckedName name: String, values: [Double], areIntegers: Bool) {
            self.init(name: name, content: .numbers(values, rowShape: [], areIntegers: areIntegers))
        }

        /// Whether the values are, or shall be, integers.
        private static func check(_ values: [Double], name: String, areIntegers: Bool?) throws -> Bool {
            if let index = values.firstIndex(where: { !$0.isFinite }) {
                throw DatasetError("value \(index) (from 0) must be finite, found \(values[index])", column: name)
            }
            let fraction = values.firstIndex { $0.magnitude > largestExactInteger || $0 != $0.rounded(.towardZero) }
            if areIntegers == true, let fraction {
                throw DatasetError(
                    "value \(fraction) (from 0) must be a whole number, found \(values[fraction])", column: name)
            }
            return areIntegers ?? (fraction == nil)
        }

        /// What the cells are.
        public var kind: Kind {
            switch content {
            case .texts: .texts
            case .numbers: .numbers
            case .textLists: .textLists
            case .numberLists: .numberLists
            }
        }

        /// Number of rows.
        public var rowCount: Int {
            switch content {
            case .texts(let texts): texts.count
            case .numbers(let values, let shape, _): values.count / shape.reduce(1, *)
            case .textLists(let lists): lists.count
            case .numberLists(let lists, _): lists.count
            }
        }

        /// Whether the column can be used as texts: it holds them, or comes from a file without types.
        public var hasTexts: Bool { fields != nil || kind == .texts }

        /// One text a row.
        ///
        /// - Precondition: `hasTexts`.
        public var texts: TextColumn {
            if let fields { return fields }
            guard case .texts(let texts) = content else { wrongKind("texts") }
            return texts
        }

        /// One list of texts a row.
        ///
        /// - Precondition: The column holds them.
        public var textLists: [[String]] {
            guard case .textLists(let lists) = content else { wrongKind("textLists") }
            return lists
        }

        /// One list of numbers a row.
        ///
        /// - Precondition: The column holds them, of different lengths or of one.
        public var numberLists: [[Double]] {
            guard let lists else { wrongKind("numberLists") }
            return lists
        }

        /// The numbers of each row, where rows are lists.
        var lists: [[Double]]? {
            switch content {
            case .numberLists(let lists, _): lists
            case .numbers(let values, let shape, _) where shape.count == 1:
                stride(from: 0, to: values.count, by: shape[0]).map { Array(values[$0..<$0 + shape[0]]) }
            default: nil
            }
        }

        /// The numbers of all rows, row after row.
        ///
        /// - Precondition: The column holds numbers, as labels do.
        public var values: [Double] { numbers("values").values }

        /// Of one row: `[]` for a number, `[K]` or `[C, K]` for lists of one shape.
        ///
        /// - Precondition: As of `values`.
        public var rowShape: [Int] { numbers("rowShape").rowShape }

        /// Whether the numbers are integers, as classes are, rather than scores that happen to be whole.
        ///
        /// - Precondition: The column holds numbers, or lists of them.
        public var areIntegers: Bool {
            if case .numberLists(_, let areIntegers) = content { return areIntegers }
            return numbers("areIntegers").areIntegers
        }

        /// The numbers of some rows, row after row.
        ///
        /// - Precondition: As of `values`.
        public func values(ofRows rows: [Int]) -> [Double] {
            let (values, shape, _) = numbers("values(ofRows:)")
            if shape.isEmpty { return rows.map { values[$0] } }
            let width = shape.reduce(1, *)
            return rows.flatMap { values[$0 * width..<($0 + 1) * width] }
        }

        private func numbers(_ member: StaticString) -> (values: [Double], rowShape: [Int], areIntegers: Bool) {
            guard case .numbers(let values, let shape, let areIntegers) = content else { wrongKind(member) }
            return (values, shape, areIntegers)
        }

        private func wrongKind(_ member: StaticString) -> Never {
            refuse("Dataset.Column.\(member): column \"\(name)\" holds \(kind.rawValue)")
        }
    }
}
