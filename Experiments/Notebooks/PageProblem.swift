/// What is wrong with a page: where, and what.
struct PageProblem: Error, CustomStringConvertible, Equatable {
    let page: String
    let line: Int
    let problem: String

    var description: String { "\(page):\(line): \(problem)" }
}
