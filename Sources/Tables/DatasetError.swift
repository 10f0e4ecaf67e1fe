/// Why a dataset could not be made, read, written or used: where it went wrong, and what would be right.
public struct DatasetError: Error, CustomStringConvertible, Sendable, Equatable {
    /// What was wrong and what would be right.
    public let problem: String
    /// The file's path or the dataset's name, if it has one.
    public let source: String?
    /// The row within `source`, from 1. In CSV the header is row 1; in JSON Lines a row is a line.
    public let row: Int?
    /// The line of the file at which the trouble begins, from 1. Quoted line breaks part it from `row`.
    public let line: Int?
    /// The name of the column.
    public let column: String?

    /// An error in words, and where it is as far as that is known.
    public init(
        _ problem: String, source: String? = nil, row: Int? = nil, line: Int? = nil, column: String? = nil
    ) {
        self.problem = problem
        self.source = source
        self.row = row
        self.line = line
        self.column = column
    }

    /// One sentence: `pairs.csv, row 17 (line 19), column "score": expected a number, found "abc"`.
    public var description: String {
        var place: [String] = []
        if let source { place.append(source) }
        switch (row, line) {
        case (let row?, let line?) where line != row: place.append("row \(row) (line \(line))")
        case (let row?, _): place.append("row \(row)")
        case (nil, let line?): place.append("line \(line)")
        case (nil, nil): break
        }
        if let column { place.append("column \"\(column)\"") }
        return place.isEmpty ? problem : place.joined(separator: ", ") + ": " + problem
    }
}
