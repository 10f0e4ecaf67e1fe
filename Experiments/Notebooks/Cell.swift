/// A block of Swift in a page, and the output that stands under it.
struct Cell: Equatable {
    /// What a cell is expected to print.
    struct Output: Equatable {
        /// The block's lines in the page, its fences included, counted from 0.
        let lines: Range<Int>
        let text: String
        /// How far numbers may be apart, relative to the expected figure and one; nil: nothing may differ.
        let tolerance: Double?
    }

    /// The line of the first line of code, counted from 1.
    let line: Int
    let code: [String]
    /// False for ```` ```swift norun ````: compiled, not run.
    let isRun: Bool
    var output: Output?

    /// Where the line behind the closing fence is, counted from 0.
    var end: Int { line + code.count }
}
