import JSON
import Testing

/// What the tests throw: the problem and the place as they were given.
private struct Failure: JSONReadingError, Equatable {
    let problem: JSONProblem
    let place: JSONPlace

    init(_ problem: JSONProblem, at place: JSONPlace) {
        self.problem = problem
        self.place = place
    }
}

/// The typed accessors give values, or say what was expected where.
struct JSONNodeTests {
    private let node = JSONNode<Failure>(
        ["n": 3, "r": 0.5, "t": "x", "f": true, "none": .null, "list": ["a", 1], "map": ["k": "v", "w": 0]], file: "file.json")

    private func failure(_ path: String, _ expected: String, _ found: JSONValue) -> Failure {
        Failure(.mismatch(expected: expected, found: found), at: JSONPlace(file: "file.json", path: path))
    }

    @Test func valuesAreTaken() throws {
        #expect(try node.required("n").integer() == 3)
        #expect(try node.required("n").integer(in: 1...3) == 3)
        #expect(try node.required("n").number() == 3)
        #expect(try node.required("r").number(in: 0...1) == 0.5)
        #expect(try node.required("t").string() == "x")
        #expect(try node.required("f").bool())
        #expect(try node.member("none")?.isNull == true)
        #expect(try node.present("none") == nil)
        #expect(try node.member("absent") == nil)
        #expect(try node.required("t").choice("kind", among: [("w", 1), ("x", 2)]) == 2)
    }

    @Test func theWrongKindIsNamedWithItsPlace() {
        #expect(throws: failure("t", "an integer", "x")) { try node.required("t").integer() }
        #expect(throws: failure("n", "an integer from 4 to 5", 3)) { try node.required("n").integer(in: 4...5) }
        #expect(throws: failure("n", "an integer of at least 4", 3)) { try node.required("n").integer(in: 4...Int.max) }
        #expect(throws: failure("t", "a number", "x")) { try node.required("t").number() }
        #expect(throws: failure("r", "a number from 1.0 to 2.0", 0.5)) { try node.required("r").number(in: 1...2) }
        #expect(throws: failure("n", "true or false", 3)) { try node.required("n").bool() }
        #expect(throws: failure("list[1]", "a string", 1)) { try node.required("list").strings() }
        #expect(throws: failure("map.w", "a string", 0)) { try node.required("map").stringMap() }
        #expect(throws: failure("n", "a list of strings", 3)) { try node.required("n").strings() }
        #expect(throws: failure("t", "an object", "x")) { try node.required("t").member("y") }
        #expect(throws: Failure(.missing(key: "absent", expected: "a value"), at: node.place)) { try node.required("absent") }
        let unknown = Failure(.unsupported("kind \"x\" is not supported, supported are w, y"), at: node.place.member("t"))
        #expect(throws: unknown) { try node.required("t").choice("kind", among: [("w", 1), ("y", 2)]) }
    }

    @Test func membersAreTakenOnceAndTheRestIsKept() throws {
        var members = JSONMembers<Failure>(try node.object(), file: "file.json", place: "line 7")
        #expect(try members.integer("n", in: 0...9) == 3)
        #expect(try members.integer("n", in: 0...9) == nil)
        #expect(try members.number("r", in: 0...1) == 0.5)
        #expect(try members.string("none") == nil)
        #expect(members.take("list") == ["a", 1])
        #expect(members.rest.keys == ["t", "f", "map"])
        let place = JSONPlace(file: "file.json", section: "line 7")
        #expect(throws: Failure(.mismatch(expected: "a string", found: true), at: place.member("f"))) { try members.string("f") }
        #expect(throws: Failure(.missing(key: "n", expected: "an integer"), at: place)) {
            try members.requiredInteger("n", in: 0...9)
        }
    }
}
