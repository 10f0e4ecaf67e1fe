/// The losses that can be chosen by name, as the command line does.
public enum LossCatalog {
    /// Every loss with its defaults, by its name.
    public static let all: [any Loss] = [
        CoSENTLoss(), CosineSimilarityLoss(), MultipleNegativesRankingLoss(), TripletLoss(),
    ]

    public static var names: [String] { all.map(\.name) }

    /// - Throws: ``LossInputError`` that names the nearest loss there is.
    public static func loss(named name: String) throws -> any Loss {
        if let loss = all.first(where: { $0.name.lowercased() == name.lowercased() }) { return loss }
        let nearest = names.min { editDistance($0.lowercased(), name.lowercased()) < editDistance($1.lowercased(), name.lowercased()) }!
        throw LossInputError("there is no loss named \(name); did you mean \(nearest)? There are \(names.joined(separator: ", "))")
    }

    /// Least number of characters to insert, delete or replace (Levenshtein 1966).
    static func editDistance(_ a: String, _ b: String) -> Int {
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
}
