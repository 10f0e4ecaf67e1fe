import JSON
import Options
import Testing

/// One row reads, refuses, shows and writes an option.
struct OptionRowTests {
    private enum Size: String, CaseIterable, OptionChoice { case small, large }

    private struct Inner: Configurable {
        var depth = 2
        var options: [OptionRow<Inner>] { [.init("depth", \.depth, "how deep", .atLeast(1))] }
    }

    private struct Shelf: Configurable {
        var width = 1.5
        var limit: Int?
        var size = Size.small
        var sizes: Set<Size> = [.small]
        var weights: [Double] = []
        var label: String? = "a"
        var isOpen = false
        var seed = UInt64.max
        var inner = Inner()

        var options: [OptionRow<Shelf>] {
            [
                .init("width", \.width, "how wide", .moreThan(0)),
                .init("limit", \.limit, "the most", .atLeast(1)).defaulting(to: "the wall's"),
                .init("size", \.size, "how large").where("small unless it is open") { $0.isOpen || $0.size == .small },
                .init("sizes", \.sizes, "those there are"),
                .init("weights", \.weights, "of its books", .atLeast(0)).defaulting(to: nil),
                .init("label", \.label), .init("is_open", \.isOpen), .init("seed", \.seed),
                .init(inner.options[0], of: \.inner),
            ]
        }
    }

    private func set(_ values: JSONObject) throws -> Shelf {
        var shelf = Shelf()
        try shelf.setOptions(values, of: "Shelf")
        return shelf
    }

    @Test func valuesAreReadFromJSON() throws {
        let shelf = try set([
            "width": 3, "limit": 7, "size": "LARGE", "is_open": true, "sizes": ["large", "small"], "weights": [1, 0.5], "label": .null,
            "seed": 5, "depth": 9,
        ])
        #expect(shelf.width == 3 && shelf.limit == 7 && shelf.size == .large && shelf.sizes == [.small, .large])
        #expect(shelf.weights == [1, 0.5] && shelf.label == nil && shelf.isOpen && shelf.seed == 5 && shelf.inner.depth == 9)
        #expect(try set(["limit": 2.0]).limit == 2)
        // Null leaves what cannot be absent as it is.
        #expect(try set(["width": .null]).width == 1.5)
    }

    @Test func valuesAreWritten() throws {
        let values = Shelf().optionValues
        #expect(values.map(\.key) == ["width", "limit", "size", "sizes", "weights", "label", "is_open", "seed", "depth"])
        #expect(values.map(\.value) == ["1.5", "none", "small", "small", "[]", "a", "false", "18446744073709551615", "2"])
        let full = try set(["weights": [1, 0.5], "sizes": ["large", "small"], "label": .null]).optionValues
        #expect(full.map(\.value) == ["1.5", "none", "small", "small, large", "[1.0, 0.5]", "none", "false", "18446744073709551615", "2"])
        #expect(Double.nan.text == "nan" && Double.infinity.json == "inf" && (3.0).json == 3)
    }

    @Test func theDefaultIsThatOfTheValue() {
        let summaries = Shelf().optionSummaries
        #expect(
            summaries.map(\.defaultValue) == ["1.5", "the wall's", "small", #"["small"]"#, nil, "a", "false", "18446744073709551615", "2"])
        #expect(summaries[0].value == "a number, more than 0" && summaries[0].meaning == "how wide")
        #expect(summaries[3].value == "a list of small, large")
        #expect(summaries[4].value == "a list of numbers, 0 or more")
    }

    @Test(
        arguments: [
            (["widht": 1], "Shelf has no option widht; did you mean width? It has width, limit"),
            (["width": "1"], #"Shelf: width must be a number, not "1""#), (["width": 0], "Shelf: width must be more than 0, not 0"),
            (["limit": 0], "Shelf: limit must be 1 or more, not 0"), (["limit": 1.5], "Shelf: limit must be a whole number, not 1.5"),
            (["size": "tiny"], #"Shelf: size must be one of small, large, not "tiny""#),
            (["size": "large"], #"Shelf: size must be small unless it is open, not "large""#),
            (["sizes": ["small", "tiny"]], #"Shelf: sizes must be a list of small, large, not ["small","tiny"]"#),
            (["weights": [1, -2]], "Shelf: weights must be 0 or more, not [1,-2]"),
            (["weights": 1], "weights must be a list of numbers, not 1"),
            (["is_open": 1], "Shelf: is_open must be true or false, not 1"), (["label": 1], "Shelf: label must be a text, not 1"),
            (["seed": -1], "Shelf: seed must be a whole number, 0 or more, not -1"),
            (["depth": 0], "Shelf: depth must be 1 or more, not 0"),
        ] as [(JSONObject, String)]) func whatCannotBeIsRefused(_ values: JSONObject, _ message: String)
    {
        let error = #expect(throws: OptionError.self) { try set(values) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func noOptionsAreSaidToBeNone() {
        struct Plain: Configurable { var options: [OptionRow<Plain>] { [] } }
        var plain = Plain()
        let error = #expect(throws: OptionError.self) { try plain.setOptions(["a": 1], of: "Plain") }
        #expect(error?.description == "Plain has no option a; it has none")
    }

    @Test func wordsOfTheCommandLineAreRead() {
        var shelf = Shelf()
        for (row, text) in zip(shelf.options, ["2.5", "3", "Large", #"["large"]"#, "[2, 3]", "none", "true", "18446744073709551614", "4"]) {
            #expect(row.set(&shelf, to: text), "\(row.key)")
        }
        #expect(shelf.width == 2.5 && shelf.limit == 3 && shelf.size == .large && shelf.sizes == [.large] && shelf.weights == [2, 3])
        #expect(shelf.label == nil && shelf.isOpen && shelf.seed == .max - 1 && shelf.inner.depth == 4)
        for (row, text) in zip(shelf.options, ["x", "1.5", "huge", "large", "2", "", "yes", "-1", ""]) where row.key != "label" {
            #expect(!row.set(&shelf, to: text), "\(row.key)")
        }
        #expect(shelf.width == 2.5 && shelf.limit == 3 && shelf.inner.depth == 4)
    }

    @Test func aValueOutOfBoundsIsNamedWithWhatWouldBeRight() {
        var shelf = Shelf()
        shelf.inner.depth = 0
        let error = #expect(throws: OptionError.self) { try shelf.checkOptions(of: "Shelf") }
        #expect(error?.description == "Shelf: depth is 0, but must be 1 or more")
    }

    @Test func theNearestNameOfATextWithoutEnd() {
        #expect(nearest(to: "widht", among: ["depth", "width", "limit"]) == "width")
        // In reasonable time: the whole text would take minutes.
        #expect(nearest(to: "width" + String(repeating: "(", count: 1_000_000), among: ["depth", "width", "limit"]) == "width")
    }
}
