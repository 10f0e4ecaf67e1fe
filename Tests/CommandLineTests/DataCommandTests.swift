import Foundation
import Tapestry
import Testing

/// What `tapestry data` prints and writes.
struct DataCommandTests {
    let tool: CommandLineTool
    private static let lines = """
        {"id": 1, "question": "How is bread baked?", "answer": "In an oven.", "tags": ["a"], "ok": true}
        {"id": 2, "question": "Does it rain?", "answer": null, "tags": [], "ok": false}
        {"id": 2, "question": "Does it rain?", "answer": null, "tags": [], "ok": false}

        """

    init() throws {
        tool = try CommandLineTool()
        try tool.write("train.jsonl", Self.lines)
        try tool.write("pairs.csv", "question,answer,score\nHow is bread baked?,\"In an oven, hot\",1\nDoes it rain?,It does.,0.5\n")
    }

    private func json(_ arguments: String...) throws -> JSONValue {
        let result = try tool.run(arguments)
        #expect(result.code == 0, "\(result.errors)")
        return try JSONValue.parse(Array(result.output.utf8))
    }

    @Test func rowsArePrintedAsTheFileHasThem() throws {
        let rows = try json("data", "train.jsonl", "--rows", "--json")
        guard case .array(let objects) = rows else { return #expect(Bool(false)) }
        #expect(
            objects.map { $0.serialized(.compact) }
                == Self.lines.split(separator: "\n").map {
                    $0.replacingOccurrences(of: "\": ", with: "\":").replacingOccurrences(of: ", \"", with: ",\"")
                })
        #expect(
            try json("data", "pairs.csv", "--rows", "--json", "--limit", "1").serialized(.compact)
                == #"[{"question":"How is bread baked?","answer":"In an oven, hot","score":1.0}]"#)
        let table = try tool.run("data", "train.jsonl", "--rows")
        #expect(table.code == 0 && table.output.contains("Does it rain?") && table.output.contains("null"))
        #expect(try json("data", "train.jsonl", "--rows", "--json", "--drop-nulls").serialized(.compact).contains("rain") == false)
    }

    @Test func theReportCountsAndFindsLosses() throws {
        let report = try json("data", "pairs.csv", "--json", "--model", CommandLineTool.fixtureModel.path)
        guard case .object(let object) = report else { return #expect(Bool(false)) }
        #expect(object["rows"] == .integer(2) && object["duplicates"] == .integer(0) && object["label"] == .string("score"))
        guard case .array(let losses)? = object["losses"] else { return #expect(Bool(false)) }
        #expect(losses.contains(.string("CoSENTLoss")) && !losses.contains(.string("TripletLoss")))
        guard case .array(let tokens)? = object["tokens"] else { return #expect(Bool(false)) }
        #expect(tokens.count == 2)
        let text = try tool.run("data", "train.jsonl")
        #expect(text.code == 0 && text.output.contains("3 rows, 1 of them equal to an earlier one"))
        #expect(text.output.contains("cannot be trained on") && text.output.contains("found null"))
        let good = try tool.run("data", "pairs.csv")
        #expect(
            good.output.contains("Losses for the inputs question, answer and the label score")
                && good.output.contains("CosineSimilarityLoss"))
    }

    @Test func filesAreConverted() throws {
        for name in ["a.parquet", "a.arrow", "a.json", "a.jsonl.gz", "a.sqlite", "a.tsv", "a.csv.zst"] {
            let result = try tool.run("data", "pairs.csv", "--convert", name)
            #expect(result.code == 0 && result.output.contains("2 rows of question, answer, score"), "\(result.errors)")
            #expect(try json("data", name, "--rows", "--json") == json("data", "pairs.csv", "--rows", "--json"), "\(name)")
        }
        #expect(
            try json("data", "a.sqlite", "--sql", "select answer as a from a where score < 1", "--rows", "--json").serialized(.compact)
                == #"[{"a":"It does."}]"#)
        let train = try tool.run(
            "train", "--model", CommandLineTool.fixtureModel.path, "--train", "a.parquet", "--output", "out", "--epochs", "1",
            "--batch-size", "2")
        #expect(train.code == 0, "\(train.errors)")
    }

    @Test func wrongUseIsToldApart() throws {
        for arguments in [
            ["data"], ["data", "pairs.csv", "--field", "x"], ["data", "pairs.csv", "--limit", "0"],
            ["data", "a", "--sql", "x", "--field", "y"],
        ] {
            #expect(try tool.run(arguments).code == 2, "\(arguments)")
        }
        for arguments in [
            ["data", "absent.csv"], ["data", "pairs.csv", "--convert", "a.xls"], ["data", "train.jsonl", "--convert", "a.txt"],
            ["data", "x-*.csv"],
        ] {
            let result = try tool.run(arguments)
            #expect(result.code == 1 && result.errors.hasPrefix("Error: "), "\(arguments)")
        }
    }
}
