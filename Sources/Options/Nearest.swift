/// The name most like another, for questions like "did you mean …?".
public func nearest(to name: String, among names: [String]) -> String {
    // Of a name without end the beginning does: the work grows with its length.
    let name = name.prefix(100)
    return names.min { editDistance($0.lowercased(), name.lowercased()) < editDistance($1.lowercased(), name.lowercased()) } ?? ""
}

/// Least number of characters to insert, delete or replace (Levenshtein 1966).
func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            (diagonal, row[j + 1]) = (row[j + 1], x == y ? diagonal : 1 + min(diagonal, row[j], row[j + 1]))
        }
    }
    return row[b.count]
}
