import Tables

/// What a `split` asks for: `train`, `train[:1000]`, `train[10%:20%]`, `train[-100:]`, `train+validation`.
struct SplitSelection {
    /// A row count or a share from the start, or from the end where it is negative.
    enum Bound: Equatable {
        case row(Int)
        case percent(Int)
    }

    /// Rows of one split.
    struct Part: Equatable {
        let split: String
        var from, to: Bound?

        var isWhole: Bool { from == nil && to == nil }

        /// The rows of `count`; shares are rounded to the closest row.
        func rows(of count: Int) -> Range<Int> {
            func row(_ bound: Bound?, _ other: Int) -> Int {
                switch bound {
                case .row(let row): return min(max(row < 0 ? count + row : row, 0), count)
                case .percent(let percent): return row(.row(Int((Double(percent) * Double(count) / 100).rounded(.toNearestOrEven))), other)
                case nil: return other
                }
            }
            let start = row(from, 0)
            return start..<max(start, row(to, count))
        }
    }

    let parts: [Part]

    /// - Throws: `DatasetError` for what is none of these.
    init(_ text: String) throws {
        parts = try text.split(separator: "+", omittingEmptySubsequences: false).map { part in
            let part = part.trimmingPrefix { $0 == " " }
            guard let match = part.wholeMatch(of: #/(\w+(?:\.\w+)*)(?:\[(-?\d{1,15})?(%)?:(-?\d{1,15})?(%)?\])? */#),
                (match.output.3 == nil) || (match.output.2 != nil), (match.output.5 == nil) || (match.output.4 != nil)
            else {
                throw DatasetError(
                    "split \(text.debugDescription): a name was expected, such as train, or a part of one, such as train[:1000] or "
                        + "train[10%:20%]; several are joined by +")
            }
            func bound(_ digits: Substring?, _ percent: Substring?) throws -> Bound? {
                guard let digits, let number = Int(digits) else { return nil }
                guard percent != nil else { return .row(number) }
                guard (-100...100).contains(number) else {
                    throw DatasetError("split \(text.debugDescription): a share lies between -100% and 100%")
                }
                return .percent(number)
            }
            return Part(
                split: String(match.output.1), from: try bound(match.output.2 ?? nil, match.output.3 ?? nil),
                to: try bound(match.output.4 ?? nil, match.output.5 ?? nil))
        }
    }
}
