import Tables
import Testing

/// Labels that are to be classes, told by the row that is none.
struct ClassLabelTests {
    private func problem(_ labels: [Double], areIntegers: Bool? = nil, below count: Int? = nil) throws -> String {
        let dataset = try Dataset(
            ["a": labels.map { "\($0)" }], labels: Dataset.Column(name: "label", values: labels, areIntegers: areIntegers))
        return message { try dataset.requireClasses(below: count, for: "SoftmaxLoss") }
    }

    @Test func classesPass() throws {
        for (labels, count) in [([0, 2, 1, 0], nil), ([0, 4], nil), ([0, 1], 5), ([3, 3], 4)] as [([Double], Int?)] {
            #expect(try problem(labels, below: count) == "(nothing was thrown)")
        }
    }

    @Test(
        arguments: [
            ([0, -1, 1], nil, ["value 1 (from 0)", "takes classes from 0", "found -1", "leave out rows without a class"]),
            ([0, 1, 3], 3, ["value 2 (from 0)", "from 0 to 2, found 3", "number the classes from 0"]),
            ([0, 0.5], nil, ["value 1 (from 0)", "found 0.5"]),
            ([2, 1, 3], nil, ["value 1 (from 0)", "the least is 1; number them from 0, or say how many"]),
        ] as [([Double], Int?, [String])])
    func theRowIsNamed(labels: [Double], count: Int?, words: [String]) throws {
        let problem = try problem(labels, below: count)
        for word in words { #expect(problem.contains(word), "\(problem)") }
    }

    @Test func wholeFractionsAreScores() throws {
        #expect(try problem([0, 1], areIntegers: false).contains("found 0.0; write them as whole numbers, such as 0"))
    }
}
